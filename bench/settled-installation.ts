import { join } from 'node:path';
import { policyOf } from '../src/wiring/policy-of.js';
import { codeVersionOf } from '../src/code-version.js';
import { hashOfKey } from '../src/engine/hashed-key.js';
import type { EngineDeps } from '../src/engine/engine-deps.js';
import { digestOf } from '../src/engine/record/record-digest.js';
import { fingerprintOf, surroundingsDigest } from '../src/engine/sweep/sweep-fingerprint.js';
import { emptySnapshot, type EntryKind, type SweepSnapshot } from '../src/engine/sweep/sweep-snapshot.js';
import { newProgress } from '../src/engine/sweep/sweep-subscription.js';
import { readSettings } from '../src/settings/settings.js';
import { createReaderIndex } from '../src/state/reader-index.js';
import { createStorageAccount } from '../src/state/storage-account.js';
import { createSweepStore } from '../src/state/sweep-store.js';
import { isJsonObject, type JsonObject } from '../src/types/json.js';
import { parseResourceId } from '../src/types/resource-id.js';
import { fetchLists, type BareClient } from './bare-client.js';
import { listsOf } from './sweep-lists.js';

const DAY_MS = 86_400_000;

/**
 * Writes what a sweep finds of the sweep before it, where that found nothing to do: as the app's own code would have.
 * A first sweep of a large estate cannot be waited for here, because Azurite looks through a whole table for each row
 * that is asked for. Were it not what the app goes by, the sweep would ask Azure about each vault, and the figure fail.
 */
export async function settle(
  bare: BareClient,
  environment: Readonly<Record<string, string>>,
  subscriptions: readonly string[],
): Promise<void> {
  const settings = readSettings(environment);
  const policy = policyOf(settings);
  // Of the code that the host runs, not of the copy of it that this is.
  const version = codeVersionOf(join(process.cwd(), 'dist', 'functions'));
  const deps = { policy, codeVersion: () => version };
  const account = createStorageAccount(settings.storage, NO_CREDENTIAL);
  const sweeps = createSweepStore(account);
  const readers = createReaderIndex(account);
  for (const subscriptionId of subscriptions) {
    const scopes = policy.scopes.filter((scope) => scope.subscriptionId === subscriptionId);
    const snapshot = emptySnapshot();
    snapshot.nextRun();
    await fetchLists(bare, listsOf(subscriptionId), 3, (page) => {
      enter(snapshot, deps, page);
    });
    const now = new Date();
    const begun = { correlationId: `settled-${subscriptionId}`, startedAt: now.toISOString() };
    // The simulator's default is what the sweep before would have met: connections are listed by group.
    const progress = newProgress({ now: () => now }, begun, digestOf(scopes), true);
    await sweeps.writeSnapshot(subscriptionId, snapshot.bytes(), null);
    await sweeps.writeProgress(subscriptionId, { ...progress, run: snapshot.run, phase: 'over' }, null);
    for (const scope of scopes) await readers.noteLearned(scope, { at: now, failedAt: null });
  }
}

type Deps = Pick<EngineDeps, 'policy' | 'codeVersion'>;

function enter(snapshot: SweepSnapshot, deps: Deps, page: JsonObject): void {
  const listed = Array.isArray(page.value) ? (page.value as readonly unknown[]).filter(isJsonObject) : [];
  for (const document of listed) {
    const kind = KINDS.get(typeof document.type === 'string' ? document.type.toLowerCase() : '');
    if (kind === undefined || typeof document.id !== 'string') continue;
    const id = parseResourceId(document.id);
    // Vaults depend on the workflows that read a vault which cannot be told: none does here.
    const surroundings = kind === 'vault' ? surroundingsDigest(deps, digestOf([])) : surroundingsDigest(deps);
    const fingerprint = fingerprintOf(deps, { id, document }, surroundings);
    if (fingerprint === null) continue;
    const at = snapshot.entry(hashOfKey(id.key), kind);
    snapshot.see(at, kind);
    snapshot.settle(at, fingerprint, new Date(Date.now() + DAY_MS));
  }
}

const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ['microsoft.keyvault/vaults', 'vault'],
  ['microsoft.logic/workflows', 'workflow'],
  ['microsoft.web/connections', 'connection'],
]);

const NO_CREDENTIAL = {
  getToken: () => Promise.reject(new Error('No token is needed with a connection string.')),
};
