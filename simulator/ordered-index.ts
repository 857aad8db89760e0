/** Things in the order in which they were created, with paging that costs no more on the last page. */
export class OrderedIndex<T extends { readonly sequence: number }> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Adds what is newest, or replaces what has the same sequence. */
  put(item: T): void {
    const position = this.positionOf(item.sequence);
    if (this.#items[position]?.sequence === item.sequence) this.#items[position] = item;
    else this.#items.splice(position, 0, item);
  }

  remove(sequence: number): void {
    const position = this.positionOf(sequence);
    if (this.#items[position]?.sequence === sequence) this.#items.splice(position, 1);
  }

  after(sequence: number, count: number): readonly T[] {
    const position = this.positionOf(sequence + 1);
    return this.#items.slice(position, position + count);
  }

  all(): readonly T[] {
    return this.#items;
  }

  /** Where the sequence is, or where it would have to go. */
  private positionOf(sequence: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
