import type { DeliveryDeps } from '../../src/delivery/deliver-to.js';
import {
  ALL_TARGETS,
  NEW_TARGET,
  type DeliverMessage,
  type Outbox,
  type OutboxEntry,
  type TargetState,
} from '../../src/delivery/outbox.js';
import type { DeliveryTarget, TargetName } from '../../src/delivery/target.js';
import { digestOf } from '../../src/engine/record/record-digest.js';
import type { AuditLog } from '../../src/engine/ports/audit-log.js';
import type { DeliveryBacklog } from '../../src/engine/ports/health.js';
import type { AuditRecord } from '../../src/types/record.js';

/** Every call to the storage account, and when it has its effect. */
export type Gate = <T>(name: string, work: () => T) => Promise<T>;

export const AT_ONCE: Gate = (_name, work) => Promise.resolve().then(work);

/** The delivery's ports over plain maps; how Azure's own behave is tested over Azurite. */
export function fakeDelivery() {
  const clock = { now: Date.parse('2026-11-23T12:00:00.000Z') };
  const records = new Map<string, AuditRecord>();
  const entries = new Map<string, OutboxEntry>();
  const aside = new Map<string, string>();
  const marks = new Map<string, { digest: string; etag: string }>();
  const states = new Map<TargetName, TargetState>();
  const messages: { message: DeliverMessage; at: number }[] = [];
  const held = new Set<string>();
  const told: Readonly<Record<string, unknown>>[] = [];
  const unreadable = new Map<string, Error>();
  const backlogs: DeliveryBacklog[] = [];
  const forgotten: Date[] = [];
  const sharedOut: (readonly TargetName[])[] = [];
  let etags = 0;

  const placeOf = ({ target, key }: Pick<OutboxEntry, 'target' | 'key'>): string => `${target} ${key}`;
  const removeUnchanged = (entry: OutboxEntry): void => {
    if (entries.get(placeOf(entry))?.etag === entry.etag) entries.delete(placeOf(entry));
  };

  /** What a process sees of it: `gate` decides when each of its calls has its effect, and whether at all. */
  function portsFor(gate: Gate, isLeaseKept = true) {
    const outbox: Outbox = {
      put: async (targets, put) => {
        await Promise.all(
          targets
            .filter((target) => target !== ALL_TARGETS)
            .map((target) =>
              gate('put', () => {
                for (const record of put) {
                  const entry = entryOf(target, record, clock.now, `etag-${(etags += 1)}`);
                  entries.set(placeOf(entry), entry);
                }
              }),
            ),
        );
      },
      shareOut: (targets) => {
        sharedOut.push(targets);
        return Promise.resolve();
      },
      oldest: (target, limit) =>
        gate('oldest', () =>
          [...entries.values()]
            .filter((entry) => entry.target === target)
            .sort((a, b) => (a.key < b.key ? -1 : 1))
            .slice(0, limit),
        ),
      remove: (entry) =>
        gate('remove', () => {
          removeUnchanged(entry);
        }),
      setAside: (entry, why) =>
        gate('set aside', () => {
          aside.set(entry.recordId, why);
          removeUnchanged(entry);
        }),
      countSetAside: (_target, _since, limit) => Promise.resolve(Math.min(aside.size, limit)),
      told: (entry) => gate('told', () => marks.get(placeOf(entry)) ?? null),
      noteTold: (entry, digest, etag) =>
        gate('note told', () => {
          if ((marks.get(placeOf(entry))?.etag ?? null) !== etag) return null;
          const fresh = `etag-${(etags += 1)}`;
          marks.set(placeOf(entry), { digest, etag: fresh });
          return fresh;
        }),
      forgetBefore: (time) =>
        gate('forget', () => {
          forgotten.push(time);
        }),
      state: (target) => gate('state', () => states.get(target) ?? NEW_TARGET),
      saveState: (target, state) =>
        gate('save state', () => {
          states.set(target, state);
        }),
    };
    const audit: Pick<AuditLog, 'find' | 'write'> = {
      find: (id) =>
        gate('find', () => {
          const error = unreadable.get(id);
          if (error !== undefined) throw error;
          return records.get(id) ?? null;
        }),
      write: (written) =>
        gate('write', () => {
          for (const record of written) records.set(record.id, record);
        }),
    };
    const queue = {
      send: (message: DeliverMessage, delayMs: number) =>
        gate('send', () => {
          messages.push({ message, at: clock.now + delayMs });
        }),
    };
    const leases: DeliveryDeps['leases'] = {
      whileHeld: async (name, work) => {
        const isFree = await gate('acquire', () => {
          if (held.has(name) && isLeaseKept) return false;
          held.add(name);
          return true;
        });
        if (!isFree) return { kind: 'busy' };
        try {
          return { kind: 'done', value: await work(new AbortController().signal) };
        } finally {
          await gate('release', () => held.delete(name));
        }
      },
    };
    const now = (): Date => new Date(clock.now);
    const tell = (what: Readonly<Record<string, unknown>>): void => void told.push(what);
    const observe = (backlog: DeliveryBacklog): void => void backlogs.push(backlog);
    return { outbox, audit, queue, leases, now, tell, observe };
  }

  return {
    clock,
    records,
    entries,
    aside,
    marks,
    states,
    messages,
    held,
    told,
    unreadable,
    backlogs,
    forgotten,
    sharedOut,
    portsFor,
  };
}

export type FakeDelivery = ReturnType<typeof fakeDelivery>;

export function entryOf(target: TargetName, record: AuditRecord, putAt: number, etag: string): OutboxEntry {
  return {
    target,
    key: `${record.time}-${record.id}`,
    recordId: record.id,
    digest: digestOf(record),
    putAt: new Date(putAt),
    run: record.trigger === 'sweep' ? record.correlationId : null,
    resource: record.resourceId.toLowerCase(),
    etag,
  };
}

/** A target that notes what it was given, unless `refuse` throws. */
export function fakeTarget(
  name: TargetName,
  batch = 100,
  refuse: (records: readonly AuditRecord[]) => void | Promise<void> = () => undefined,
): DeliveryTarget & { readonly calls: (readonly AuditRecord[])[] } {
  const calls: (readonly AuditRecord[])[] = [];
  return {
    name,
    batch,
    calls,
    deliver: (records) =>
      Promise.resolve().then(async () => {
        await refuse(records);
        calls.push(records);
      }),
  };
}
