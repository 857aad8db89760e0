import { storageFailure } from './storage-failure.js';

interface Blob {
  content: string;
  leaseId: string | null;
  leasedUntil: number;
}

/** One container of leased blobs. Leases run out by the service's own clock. */
export class ContainerState {
  #exists = false;
  readonly #blobs = new Map<string, Blob>();

  constructor(private readonly now: () => number) {}

  createIfNotExists(): boolean {
    const isNew = !this.#exists;
    this.#exists = true;
    return isNew;
  }

  upload(name: string, content: string, isNewOnly: boolean): void {
    this.demandExists();
    const blob = this.#blobs.get(name);
    if (blob !== undefined && isNewOnly) throw storageFailure('blob', 409, 'BlobAlreadyExists');
    if (blob !== undefined && this.isLeased(blob)) throw storageFailure('blob', 412, 'LeaseIdMissing');
    this.#blobs.set(name, { content, leaseId: null, leasedUntil: 0 });
  }

  acquire(name: string, leaseId: string, seconds: number): void {
    if (seconds < 15 || seconds > 60) throw storageFailure('blob', 400, 'InvalidHeaderValue');
    const blob = this.demandBlob(name);
    if (this.isLeased(blob) && blob.leaseId !== leaseId)
      throw storageFailure('blob', 409, 'LeaseAlreadyPresent');
    blob.leaseId = leaseId;
    blob.leasedUntil = this.now() + seconds * 1000;
  }

  /** A lease that has run out can be renewed as long as nobody else has taken it. */
  renew(name: string, leaseId: string, seconds: number): void {
    const blob = this.demandBlob(name);
    if (blob.leaseId !== leaseId) throw storageFailure('blob', 409, 'LeaseIdMismatchWithLeaseOperation');
    blob.leasedUntil = this.now() + seconds * 1000;
  }

  release(name: string, leaseId: string): void {
    const blob = this.demandBlob(name);
    if (blob.leaseId !== leaseId) throw storageFailure('blob', 409, 'LeaseIdMismatchWithLeaseOperation');
    blob.leaseId = null;
    blob.leasedUntil = 0;
  }

  /** Somebody breaks every lease there is, as an administrator can. Gives how many were held. */
  breakAll(): number {
    const held = [...this.#blobs.values()].filter((blob) => this.isLeased(blob));
    for (const blob of held) {
      blob.leaseId = null;
      blob.leasedUntil = 0;
    }
    return held.length;
  }

  all(): readonly { readonly name: string; readonly content: string }[] {
    return [...this.#blobs].map(([name, { content }]) => ({ name, content }));
  }

  private isLeased({ leaseId, leasedUntil }: Blob): boolean {
    return leaseId !== null && leasedUntil > this.now();
  }

  private demandBlob(name: string): Blob {
    this.demandExists();
    const blob = this.#blobs.get(name);
    if (blob === undefined) throw storageFailure('blob', 404, 'BlobNotFound');
    return blob;
  }

  private demandExists(): void {
    if (!this.#exists) throw storageFailure('blob', 404, 'ContainerNotFound');
  }
}
