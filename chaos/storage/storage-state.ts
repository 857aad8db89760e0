import { ContainerState } from './container-state.js';
import { QueueState } from './queue-state.js';
import { TableState } from './table-state.js';

/** A storage account: what is in it, whoever looks. */
export class StorageState {
  readonly tables = new Map<string, TableState>();
  readonly containers = new Map<string, ContainerState>();
  readonly queues = new Map<string, QueueState>();

  /** The service's own clock. */
  constructor(private readonly now: () => number) {}

  table(name: string): TableState {
    return named(this.tables, name, () => new TableState(this.now));
  }

  container(name: string): ContainerState {
    return named(this.containers, name, () => new ContainerState(this.now));
  }

  queue(name: string): QueueState {
    return named(this.queues, name, () => new QueueState(this.now));
  }
}

function named<T>(all: Map<string, T>, name: string, build: () => T): T {
  const known = all.get(name);
  if (known !== undefined) return known;
  const fresh = build();
  all.set(name, fresh);
  return fresh;
}
