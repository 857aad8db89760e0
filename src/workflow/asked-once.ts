/** More names than all workflows have that were made from the same templates. */
const MAX_NAMES = 5000;

/** Longer than names are: what is longer is asked anew. */
const MAX_LENGTH = 64;

/** What is asked of a name, told once of each: workflows have the same few over and over. */
export function askedOnce<T>(ask: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (name.length > MAX_LENGTH) return ask(name);
    const told = ask(name);
    if (known.size >= MAX_NAMES) known.clear();
    known.set(name, told);
    return told;
  };
}
