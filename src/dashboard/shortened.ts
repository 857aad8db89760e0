/** A text in this many UTF-16 units at most; where something is left out, its last says so. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
