/** Longer than any name or word that somebody writes down. */
const MAX_NAME = 200;

/** The words of a name in lower case: `clientSecret`, `Client-Secret` and `CLIENT_SECRET1` are the same two. */
export function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, MAX_NAME)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z\d]+/)
    .map((word) => word.toLowerCase().replace(/(?<=[a-z])\d+$/, ''))
    .filter((word) => word !== '');
}
