import type { VaultReader } from '../../types/observation.js';
import { ageOwnedRules } from '../../vault/rule-ledger.js';
import { isOver } from '../../vault/temporary-rules.js';
import { confirmReleases } from '../sweep/confirm-releases.js';
import type { EngineDeps } from '../engine-deps.js';
import { isForSomebody, type Look } from '../look/look.js';
import type { LookOptions } from '../look/look-at.js';
import { spelledBy, type Seen } from './observe.js';
import { isOutdated, readSurroundings, withCallers, withSettings } from './observe-surroundings.js';
import type { RememberedSurroundings, ResourceMemory } from '../ports/memory.js';

interface Readers {
  readonly readers: readonly VaultReader[];
  readonly unresolvedReaders: readonly string[];
}

/** What was read this long ago is read again before anything is planned from it. */
const OLD_MS = 500;

/** Reads a vault, what is remembered of it, and who reads it. */
export async function observeVault(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen> {
  const { id } = look;
  let readAt = deps.now();
  const [memory, known, first] = await Promise.all([
    deps.memory.read(id),
    readersOf(deps, look, options.isVaultKnown),
    deps.reader.read(id, options.signal).finally(() => {
      readAt = deps.now();
    }),
  ]);
  const { releasedRules, readers } = options.confirmReleases
    ? await confirmReleases(deps, id, memory.ownedRules, known.readers, options.signal)
    : { releasedRules: [], readers: known.readers };
  const fresh = wantsSurroundings(deps, look, options, memory)
    ? await readSurroundings(deps, id, first.document, memory.surroundings, options.signal)
    : null;
  const read = fresh?.surroundings ?? memory.surroundings;
  const surroundings = await withCallers(deps, id, first.document, memory, read, options.signal);
  // What somebody writes while others are being asked must be in what is planned from.
  const isOld = deps.now().getTime() - readAt.getTime() > OLD_MS;
  const arm = isOld && !look.dryRun ? await deps.reader.read(id, options.signal) : first;
  const document = withSettings(arm.document, surroundings);
  return {
    text: arm.text,
    document,
    memory,
    surroundings,
    isFresh: fresh?.hasSettings === true,
    observed: {
      kind: 'vault',
      id: spelledBy(arm.document, id),
      vault: document,
      readers,
      unresolvedReaders: known.unresolvedReaders,
      ownedRules: ageOwnedRules(memory.ownedRules, arm.document, readers, deps.now()),
      releasedRules,
      knownGood: memory.knownGood,
      ...fromPolicy(deps),
      ...fromMemory(memory, surroundings, deps.now()),
    },
  };
}

/** What every vault's observation has from the settings. */
export function fromPolicy({ policy }: Pick<EngineDeps, 'policy'>) {
  return { keepPrincipals: policy.keepPrincipals, logWorkspace: policy.logWorkspace };
}

/** What every vault's observation has from before. */
export function fromMemory(memory: ResourceMemory, surroundings: RememberedSurroundings | null, now: Date) {
  return {
    overdueRules: memory.temporaryRules.filter((rule) => isOver(rule, now)),
    arrivedOpen: memory.arrivedOpen,
    surroundings: {
      roleAssignments: surroundings?.roleAssignments ?? null,
      diagnosticSettings: surroundings?.diagnosticSettings ?? null,
      hidden: surroundings?.hidden ?? [],
    },
    recentCallers: surroundings?.recentCallers ?? null,
  };
}

function wantsSurroundings(
  deps: EngineDeps,
  look: Look,
  options: LookOptions,
  memory: ResourceMemory,
): boolean {
  if (options.readSurroundings === true || look.isOfSurroundings) return true;
  if (look.byHand !== undefined) return false;
  if (isForSomebody(look)) return true;
  return options.confirmReleases && isOutdated(memory.surroundings, deps.now());
}

/** Whether the index knows where the vault is. Once it does, it stays so: it may be asked ahead. */
export function vaultKnown({ readers }: Pick<EngineDeps, 'readers'>, { id }: Look): Promise<boolean> {
  if (id.kind !== 'vault') return Promise.resolve(false);
  const known = readers.vaultId(id.name.toLowerCase()).then((vault) => vault !== null);
  known.catch(() => undefined);
  return known;
}

/** Whether what this look may write depends on who reads the vault. */
export function needsReaders(deps: Pick<EngineDeps, 'policy'>, look: Look): boolean {
  if (look.id.kind === 'connection') return deps.policy.modeOf('connection-managed-identity') !== 'off';
  return (
    look.id.kind === 'vault' &&
    look.byHand === undefined &&
    (
      ['vault-firewall', 'vault-temporary-rules', 'vault-logic-app-ips', 'vault-least-privilege'] as const
    ).some((id) => deps.policy.modeOf(id) !== 'off' && (look.remediators?.includes(id) ?? true))
  );
}

/**
 * Who reads the vault. A workflow's look first saves what it reads and then asks where the vault is; so the vault is
 * made known before its readers are asked for, and of two looks at once at least one sees the other.
 */
async function readersOf(
  deps: EngineDeps,
  look: Look,
  isKnown: Promise<boolean> = vaultKnown(deps, look),
): Promise<Readers> {
  if (!(await isKnown) && !look.dryRun) await deps.readers.saveVault(look.id);
  const [readers, unresolvedReaders] = await Promise.all([
    deps.readers.readersOf(look.id.name.toLowerCase()),
    deps.readers.unresolvedReaders(),
  ]);
  return { readers, unresolvedReaders };
}
