/** What comes of the work, or null where that takes longer; the work goes on, and nobody hears of it if it then fails. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  work.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
