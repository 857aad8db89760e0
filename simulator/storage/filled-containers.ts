/** Which containers have blobs in them. The simulator keeps none: whoever stores some elsewhere says so. */
export class FilledContainers {
  readonly #keys = new Set<string>();

  /** By the container's ARM id. */
  fill(containerId: string): void {
    this.#keys.add(containerId.toLowerCase());
  }

  has(containerId: string): boolean {
    return this.#keys.has(containerId.toLowerCase());
  }
}
