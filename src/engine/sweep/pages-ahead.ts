import type { ListedPage } from '../ports/arm.js';

export interface AskedPage extends ListedPage {
  /** When it was asked for: it shows nothing that came later for certain. */
  readonly askedAt: Date;
}

/** The pages of a list, the next of which is fetched while this one is being considered. */
export async function* pagesAhead(
  pages: AsyncIterable<ListedPage>,
  now: () => Date,
): AsyncGenerator<AskedPage> {
  const iterator = pages[Symbol.asyncIterator]();
  const ask = () => {
    const asked = { askedAt: now(), coming: iterator.next() };
    // Whoever takes it hears of a failure; where nobody does any more, it is nobody's.
    asked.coming.catch(() => undefined);
    return asked;
  };
  try {
    for (let asked = ask(); ;) {
      const answer = await asked.coming;
      if (answer.done === true) return;
      const { askedAt } = asked;
      asked = ask();
      yield { ...answer.value, askedAt };
    }
  } finally {
    // Not waited for: a generator that is being asked for its next page ends only after that.
    void iterator.return?.().catch(() => undefined);
  }
}
