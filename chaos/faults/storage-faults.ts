import type { Random } from '../../simulator/random.js';
import type { StorageFault } from '../storage/carry-call.js';
import type { StorageCall } from '../storage/storage-account.js';
import type { Fault, Storm } from './fault.js';

/** Adds to what befalls calls to the storage account: the first fault that strikes counts. */
function strikeToo({ world }: Storm, strike: (call: StorageCall) => StorageFault | null): void {
  const before = world.weather.strikeStorage;
  world.weather.strikeStorage = (call) => before(call) ?? strike(call);
}

function some(
  name: string,
  about: string,
  faultOf: (random: Random, call: StorageCall) => StorageFault | null,
  most = 0.12,
): Fault {
  return {
    name,
    about,
    strike: (storm) => {
      const probability = storm.random.between(0.01, most);
      strikeToo(storm, (call) => (storm.random.next() < probability ? faultOf(storm.random, call) : null));
    },
  };
}

/** What the storage account does not do. */
export const STORAGE_FAULTS: readonly Fault[] = [
  some('storage errors', 'The storage account is busy, or fails.', (random) =>
    random.next() < 0.5
      ? { kind: 'error', status: 503, code: 'ServerBusy' }
      : { kind: 'error', status: 500, code: 'InternalError' },
  ),
  some(
    'storage without an answer',
    'The connection to the storage account is cut, before or after a write.',
    (random) => ({
      kind: 'reset',
      isApplied: random.next() < 0.5,
    }),
    0.05,
  ),
  some(
    'storage writes sent twice',
    'The client repeats a write whose answer was lost, and hears of the second.',
    (_, call) => (call.isWrite ? { kind: 'sent-twice' } : null),
    0.08,
  ),
  some(
    'storage hangs',
    'No answer comes from the storage account until the caller gives up.',
    (random) => ({ kind: 'hang', isApplied: random.next() < 0.5 }),
    0.04,
  ),
  some('slow storage', 'The storage account takes seconds.', (random) => ({
    kind: 'slow',
    ms: random.between(500, 9000),
  })),
  some(
    'ETag conflicts',
    'Somebody else is always faster: conditional writes are turned down.',
    (_, { name }) =>
      name.endsWith(' update') ? { kind: 'error', status: 412, code: 'UpdateConditionNotSatisfied' } : null,
    0.5,
  ),
  {
    name: 'storage outages',
    about: 'The whole storage account is away for minutes.',
    strike: (storm) => {
      let isAway = false;
      strikeToo(storm, () => (isAway ? { kind: 'error', status: 503, code: 'ServerBusy' } : null));
      storm.every(300_000, 1_500_000, async () => {
        isAway = true;
        storm.world.weather.isQueueDown = true;
        storm.world.tell('the storage account is away');
        await storm.world.time.sleep(storm.random.between(5000, 300_000));
        isAway = false;
        storm.world.weather.isQueueDown = false;
        storm.world.tell('the storage account is back');
      });
    },
  },
  {
    name: 'queue down',
    about: 'Nothing can be put on the queue, nor taken from it, for minutes.',
    strike: (storm) => {
      let isDown = false;
      strikeToo(storm, ({ service }) =>
        isDown && service === 'queue' ? { kind: 'error', status: 503, code: 'ServerBusy' } : null,
      );
      storm.every(300_000, 1_500_000, async () => {
        isDown = true;
        storm.world.weather.isQueueDown = true;
        storm.world.tell('the queue is down');
        await storm.world.time.sleep(storm.random.between(5000, 600_000));
        isDown = false;
        storm.world.weather.isQueueDown = false;
        storm.world.tell('the queue is up again');
      });
    },
  },
  {
    name: 'short pages',
    about: 'A table query comes back with a page of one or two rows and the promise of more.',
    strike: ({ world, random }) => {
      world.weather.tablePage = Math.round(random.between(1, 3));
    },
  },
  {
    name: 'lease loss',
    about: 'Every lease there is breaks while somebody holds it.',
    strike: ({ world, every }) => {
      every(60_000, 600_000, () => {
        const held = [...world.storage.containers.values()].reduce(
          (sum, container) => sum + container.breakAll(),
          0,
        );
        if (held > 0) world.tell(`${held} leases break`);
      });
    },
  },
];
