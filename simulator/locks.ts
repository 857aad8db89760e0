import { ArmFailure } from './arm/arm-error.js';

export interface Lock {
  readonly name: string;
  /** The id of a resource, resource group or subscription; what lies below it is locked as well. */
  readonly scope: string;
  readonly level: 'ReadOnly' | 'CanNotDelete';
}

/** Management locks. https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
export class Locks {
  #locks: readonly Lock[] = [];

  get all(): readonly Lock[] {
    return this.#locks;
  }

  add(lock: Lock): void {
    this.remove(lock.scope, lock.name);
    this.#locks = [...this.#locks, lock];
  }

  /** Without a name, every lock on that scope. */
  remove(scope: string, name?: string): void {
    const wanted = scope.toLowerCase();
    this.#locks = this.#locks.filter(
      (lock) => lock.scope.toLowerCase() !== wanted || (name !== undefined && lock.name !== name),
    );
  }

  demandUnlocked(scope: string, operation: 'write' | 'delete'): void {
    const key = scope.toLowerCase();
    const holding = this.#locks.filter((lock) => {
      const locked = lock.scope.toLowerCase();
      const covered = key === locked || key.startsWith(`${locked}/`);
      return covered && (operation === 'delete' || lock.level === 'ReadOnly');
    });
    if (holding.length === 0) return;
    const scopes = holding.map((lock) => `'${lock.scope}'`).join(',');
    throw new ArmFailure(
      409,
      'ScopeLocked',
      `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are locked: ${scopes}. Please remove the lock and try again.`,
    );
  }
}
