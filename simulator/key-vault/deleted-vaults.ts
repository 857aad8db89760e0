import type { StoredResource } from '../resource.js';

export interface DeletedVault {
  readonly sequence: number;
  readonly resource: StoredResource;
  readonly deletedAt: number;
  readonly purgeAt: number;
}

const DAY = 86_400_000;
/** Where a vault does not say (Key Vault's soft-delete overview). */
const RETENTION_DAYS = 90;

/** Vaults that are deleted and can be recovered, until their retention ends. Their names stay taken. */
export class DeletedVaults {
  readonly #all = new Map<string, DeletedVault>();
  #sequence = 0;

  /** Keeps the vault; one that is so old that it has no soft delete is gone. */
  add(resource: StoredResource, now: number): void {
    const value = (name: string): unknown => JSON.parse(resource.state.properties.get(name) ?? 'null');
    if (value('enableSoftDelete') === false) return;
    const days = value('softDeleteRetentionInDays');
    const purgeAt = now + (typeof days === 'number' ? days : RETENTION_DAYS) * DAY;
    this.#sequence += 1;
    const deleted = { sequence: this.#sequence, resource, deletedAt: now, purgeAt };
    this.#all.set(resource.name.toLowerCase(), deleted);
  }

  find(name: string, now: number): DeletedVault | undefined {
    return this.of(null, now).find(({ resource }) => resource.name.toLowerCase() === name.toLowerCase());
  }

  /** Of a subscription, or of all. */
  of(subscriptionId: string | null, now: number): readonly DeletedVault[] {
    for (const [name, { purgeAt }] of this.#all) if (purgeAt <= now) this.#all.delete(name);
    return [...this.#all.values()].filter(
      ({ resource }) => subscriptionId === null || resource.subscriptionId === subscriptionId.toLowerCase(),
    );
  }

  remove(name: string): void {
    this.#all.delete(name.toLowerCase());
  }
}
