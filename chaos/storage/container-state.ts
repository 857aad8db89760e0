import { storageFailure } from './storage-failure.js';

interface Blob {
  content: Buffer;
  etag: string;
  leaseId: string | null;
  leasedUntil: number;
}

export interface UploadConditions {
  /** `*`: only where there is none. */
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** One container of leased blobs. Leases run out by the service's own clock. */
export class ContainerState {
  #exists = false;
  readonly #blobs = new Map<string, Blob>();
  #etags = 0;

  constructor(private readonly now: () => number) {}

  createIfNotExists(): boolean {
    const isNew = !this.#exists;
    this.#exists = true;
    return isNew;
  }

  /** Gives the new etag. */
  upload(name: string, content: Buffer, { ifNoneMatch, ifMatch }: UploadConditions): string {
    this.demandExists();
    const blob = this.#blobs.get(name);
    if (blob !== undefined && ifNoneMatch === '*') throw storageFailure('blob', 409, 'BlobAlreadyExists');
    if (ifMatch !== undefined && blob?.etag !== ifMatch) throw storageFailure('blob', 412, 'ConditionNotMet');
    if (blob !== undefined && this.isLeased(blob)) throw storageFailure('blob', 412, 'LeaseIdMissing');
    this.#etags += 1;
    const etag = `"${this.#etags}"`;
    this.#blobs.set(name, { content: Buffer.from(content), etag, leaseId: null, leasedUntil: 0 });
    return etag;
  }

  download(name: string): { readonly content: Buffer; readonly etag: string } {
    const { content, etag } = this.demandBlob(name);
    return { content: Buffer.from(content), etag };
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
    return [...this.#blobs].map(([name, { content }]) => ({ name, content: content.toString('latin1') }));
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
