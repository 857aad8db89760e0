import { HOLDFAST } from '../world/holdfast.js';
import type { Fault, Storm } from './fault.js';

/** What happens to the app's own processes, and to who it is. */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'kill -9',
    about: 'An instance is killed at any of its steps; another starts a while later.',
    strike: (storm) => {
      storm.every(30_000, 600_000, () => {
        killOne(storm);
      });
    },
  },
  {
    name: 'several instances',
    about: 'Two or three instances at once.',
    strike: ({ world, random }) => {
      for (let more = random.next() < 0.5 ? 1 : 2; more > 0; more -= 1) world.start();
    },
  },
  {
    name: 'clock skew',
    about: 'Two or three instances whose clocks are up to 90 seconds wrong, either way.',
    strike: ({ world, random }) => {
      for (let more = random.next() < 0.5 ? 1 : 2; more > 0; more -= 1) {
        world.start(Math.round(random.between(-90_000, 90_000)));
      }
    },
  },
  {
    name: 'two sweeps at once',
    about: 'The timer fires on two instances at the same time.',
    strike: ({ world, random, every }) => {
      world.start();
      every(600_000, 1_800_000, async () => {
        const sweeps = [
          world.host.sweep(),
          world.time.sleep(random.between(0, 3000)).then(() => world.host.sweep()),
        ];
        await Promise.allSettled(sweeps);
      });
    },
  },
  {
    name: 'no tokens',
    about: 'The identity endpoint gives no tokens for a while.',
    strike: ({ world, random, every }) => {
      every(600_000, 2_400_000, async () => {
        world.weather.isIdentityDown = true;
        world.tell('the identity endpoint is down');
        await world.time.sleep(random.between(30_000, 900_000));
        world.weather.isIdentityDown = false;
      });
    },
  },
  {
    name: 'lost permissions',
    about: "Somebody takes Holdfast's role away for a while: all of it, or only the right to write.",
    strike: ({ world, random, every, isOn }) => {
      every(600_000, 2_400_000, async () => {
        const actions = random.next() < 0.5 ? ['*/read'] : [];
        world.azure.permissions.restrict(HOLDFAST.objectId, [{ actions, scope: '/' }]);
        world.tell(`Holdfast may ${actions.length > 0 ? 'only read' : 'do nothing'}`);
        await world.time.sleep(random.between(30_000, 1_200_000));
        if (isOn()) world.azure.permissions.unrestrict(HOLDFAST.objectId);
      });
    },
  },
];

/** At one of its next steps, before it is taken or after it had its effect; the next instance comes a while later. */
function killOne({ world, random, isOn }: Storm): void {
  const living = world.host.apps.filter(({ instance }) => !instance.isDead);
  const victim = living[Math.floor(random.next() * living.length)];
  if (victim === undefined) return;
  const { instance } = victim;
  instance.kill = {
    step: instance.steps.length + Math.round(random.between(1, 25)),
    when: random.next() < 0.5 ? 'before' : 'after',
  };
  instance.onDeath(() => {
    world.tell(
      `${instance.name} is killed ${instance.kill?.when ?? ''} ${instance.steps.at(-1)?.name ?? ''}`,
    );
    const wait = random.between(500, 90_000);
    world.time.outside(() => {
      world.time.set(() => {
        if (isOn()) world.start();
      }, wait);
    });
  });
}
