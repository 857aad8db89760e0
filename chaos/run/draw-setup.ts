import { seededRandom, type Random } from '../../simulator/random.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';

type Environment = Readonly<Record<string, string>>;

/** What the operator has chosen for one run, beyond that everything is enforced. */
export interface Setup {
  /** For the report. */
  readonly names: readonly string[];
  /** Those that the app starts with. */
  readonly settings: Environment;
  /** What is set in the middle of the storm; null where nothing is. */
  readonly later: Environment | null;
  /** Whether connections are moved, which the estate has to allow. */
  readonly isMoving: boolean;
  /** Whether people ask the app itself, over HTTP. */
  readonly isAsked: boolean;
}

export const PLAIN_SETUP: Setup = {
  names: [],
  settings: {},
  later: null,
  isMoving: false,
  isAsked: false,
};

const WAITING: readonly RemediatorId[] = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-logic-app-ips',
  'vault-least-privilege',
  'workflow-secure-outputs',
  'workflow-secret-flow',
];

/**
 * Half of the runs have the settings that most people have; the others one or two choices besides. It is drawn apart from
 * the rest of the plan.
 */
export function drawSetup(seed: number): Setup {
  const random = seededRandom(seed * 104_723 + 41);
  const isPlain = random.next() < 0.5;
  const isAsked = random.next() < 0.3;
  const left = [...CHOICES];
  const count = isPlain ? 0 : random.next() < 0.7 ? 1 : 2;
  const chosen = Array.from({ length: count }, () =>
    left.splice(Math.floor(random.next() * left.length), 1),
  ).flat();
  const settings = merged(chosen.map(({ draw }) => draw(random)));
  const [first, then] = chosen.some(({ name }) => name === CHANGED)
    ? drawChange(random, settings)
    : [settings, null];
  return {
    names: [...chosen.map(({ name }) => name), ...(isAsked ? [ASKED.name] : [])],
    settings: first,
    later: then,
    isMoving: chosen.some(({ name }) => name === 'moved connections'),
    isAsked,
  };
}

/** Of a remediator that two of them name, the later one's mode. */
function merged(chosen: readonly Environment[]): Environment {
  const entries = chosen.flatMap(({ HOLDFAST_REMEDIATORS: modes }) => modes?.split(',') ?? []);
  const modes = new Map(entries.map((entry) => [entry.split('=')[0], entry]));
  const remediators = modes.size === 0 ? {} : { HOLDFAST_REMEDIATORS: [...modes.values()].join(',') };
  return { ...(Object.assign({}, ...chosen) as Environment), ...remediators };
}

const CHANGED = 'changed settings';

/** What is set before and after the change: nothing is written at first, or all at once, or the other way round. */
function drawChange(random: Random, settings: Environment): readonly [Environment, Environment] {
  const approving = CHOICES.find(({ name }) => name === 'approval')?.draw(random) ?? {};
  const changes: readonly (readonly [Environment, Environment])[] = [
    [{ ...settings, HOLDFAST_MODE: 'audit' }, { HOLDFAST_MODE: 'enforce' }],
    [{ ...settings, HOLDFAST_MAX_CHANGES: '0' }, { HOLDFAST_MAX_CHANGES: '2' }],
    [settings, { HOLDFAST_MAX_CHANGES: '1' }],
    [merged([settings, approving]), { HOLDFAST_REMEDIATORS: settings.HOLDFAST_REMEDIATORS ?? '' }],
    [settings, merged([settings, approving])],
  ];
  return changes[Math.floor(random.next() * changes.length)] ?? [settings, {}];
}

/** Not a setting, but like one: it is there for the whole run. */
export const ASKED = {
  name: 'requests over HTTP',
  about: 'People ask for resources by name, for dry runs, records, undos, findings and the posture.',
} as const;

interface Choice {
  readonly name: string;
  /** For the documentation: one sentence. */
  readonly about: string;
  readonly draw: (random: Random) => Environment;
}

export const CHOICES: readonly Choice[] = [
  {
    name: 'approval',
    about:
      'Some remediators, or all, wait for approval; people approve, also twice at once, also old plans, also while somebody is at the resource.',
    draw: (random) => {
      const share = random.next() < 0.3 ? 1 : 0.5;
      const some = WAITING.filter(() => random.next() < share);
      const ids = some.length > 0 ? some : WAITING;
      return { HOLDFAST_REMEDIATORS: ids.map((id) => `${id}=approve`).join(',') };
    },
  },
  {
    name: 'few changes',
    about:
      '`HOLDFAST_MAX_CHANGES` is so small that it holds changes back; people release some of them by name.',
    draw: (random) => ({ HOLDFAST_MAX_CHANGES: oneOf(random, ['0', '1', '1', '2', '3', '20%']) }),
  },
  {
    name: 'soon contested',
    about:
      'Somebody reverts the same again and again, and an edit is contested after it was made once, twice or three times within an hour; people ask for some of these by name.',
    draw: (random) => ({ HOLDFAST_CONTESTED_AFTER: oneOf(random, ['1', '2', '3']) }),
  },
  {
    name: 'moved connections',
    about:
      'Connections with kept credentials get successors, and the playbooks are pointed at them; people point back, break and delete successors.',
    draw: (random) => ({
      HOLDFAST_REMEDIATORS: `connection-managed-identity=${random.next() < 0.8 ? 'enforce' : 'approve'}`,
    }),
  },
  {
    name: CHANGED,
    about:
      'In the middle of the storm the app is deployed anew: what was only audited, held back or waited is written from then on, or the other way round.',
    draw: () => ({}),
  },
];

function oneOf(random: Random, values: readonly string[]): string {
  return values[Math.floor(random.next() * values.length)] ?? '';
}
