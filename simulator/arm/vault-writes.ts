import { fullTypeOf, VAULT } from '../resource-types.js';

/** What hangs on a vault belongs to other services: writing it is no write of the vault. */
const EXTENSION_PATH = /\/providers\/(Microsoft\.Authorization|Microsoft\.Insights)\//i;
const VAULT_PATH = new RegExp(`^.*/providers/${fullTypeOf(VAULT)}/[^/]+`, 'i');

/** Which vaults are being written at this moment: Key Vault may turn down a second write. */
export class VaultWrites {
  readonly #underWay = new Map<string, number>();

  /** Notes a write until `end` is called; `isContended` where another one was under way. */
  begin(method: string, path: string): { readonly isContended: boolean; readonly end: () => void } {
    const isRead = method === 'GET' || EXTENSION_PATH.test(path);
    const vault = isRead ? undefined : VAULT_PATH.exec(path)?.[0].toLowerCase();
    if (vault === undefined) return { isContended: false, end: () => undefined };
    const others = this.#underWay.get(vault) ?? 0;
    this.#underWay.set(vault, others + 1);
    return {
      isContended: others > 0,
      end: () => {
        const left = (this.#underWay.get(vault) ?? 1) - 1;
        if (left === 0) this.#underWay.delete(vault);
        else this.#underWay.set(vault, left);
      },
    };
  }
}
