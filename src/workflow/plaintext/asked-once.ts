/** What is asked of a name, told once of each: a workflow has the same few over and over. */
export function askedOnce<T>(ask: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const told = ask(name);
    known.set(name, told);
    return told;
  };
}
