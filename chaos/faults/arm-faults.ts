import { PUT_BETWEEN } from '../estate/in-between.js';
import type { FaultRule } from '../../simulator/faults.js';
import type { Random } from '../../simulator/random.js';
import { ARM_BUCKETS } from '../../simulator/throttling.js';
import { canary, pick } from '../estate/build-estate.js';
import { vaultPath } from '../../demo/estate.js';
import type { Tenant } from '../estate/tenant.js';
import type { Fault, Storm } from './fault.js';

const WRITES = ['PATCH', 'PUT'];

/** A rule that strikes a share of the requests; which share is drawn. */
function share(random: Random, rule: Omit<FaultRule, 'probability'>, most = 0.4): FaultRule {
  return { ...rule, probability: random.between(0.05, most) };
}

function simple(name: string, about: string, rules: (random: Random) => readonly FaultRule[]): Fault<Tenant> {
  return {
    name,
    about,
    strike: ({ world, random }) => {
      for (const rule of rules(random)) world.azure.faults.add(rule);
    },
  };
}

const seconds = (random: Random, least: number, most: number): number =>
  Math.round(random.between(least, most));

/** What ARM answers and does not answer. */
export const ARM_FAULTS: readonly Fault<Tenant>[] = [
  simple('429 with Retry-After', 'ARM turns requests down and says for how long.', (random) => [
    share(random, {
      action: { kind: 'error', status: 429, code: 'TooManyRequests', retryAfter: seconds(random, 1, 4) },
    }),
    share(random, {
      method: WRITES,
      action: { kind: 'error', status: 429, code: 'TooManyRequests', retryAfter: seconds(random, 6, 90) },
    }),
  ]),
  simple('429 without Retry-After', 'ARM turns requests down and does not say for how long.', (random) => [
    share(random, { action: { kind: 'error', status: 429, code: 'TooManyRequests' } }),
  ]),
  {
    name: 'token buckets',
    about: "ARM's buckets, made so small that the run empties them.",
    strike: ({ world, random }) => {
      const size = (capacity: number, refillPerSecond: number) => ({ capacity, refillPerSecond });
      world.azure.throttling.set({
        ...ARM_BUCKETS,
        enabled: true,
        reads: size(seconds(random, 3, 20), random.between(0.1, 2)),
        writes: size(seconds(random, 1, 4), random.between(0.02, 0.5)),
      });
    },
  },
  simple('409 before applying', 'ARM reports a conflict for a write that it did not carry out.', (random) => [
    share(random, {
      method: WRITES,
      action: { kind: 'error', status: 409, code: 'ConflictError', when: 'before' },
    }),
  ]),
  simple('409 after applying', 'ARM reports a conflict for a write that it did carry out.', (random) => [
    share(random, {
      method: WRITES,
      action: { kind: 'error', status: 409, code: 'ConflictError', when: 'after' },
    }),
  ]),
  simple(
    '5xx',
    'ARM fails, before or after it carried a request out; a proxy answers in its place.',
    (random) => [
      share(
        random,
        { action: { kind: 'error', status: 500, code: 'InternalServerError', when: 'before' } },
        0.2,
      ),
      share(random, { action: { kind: 'error', status: 503, code: 'ServerBusy', when: 'after' } }, 0.2),
      share(random, { action: { kind: 'error', status: 503, retryAfter: seconds(random, 1, 30) } }, 0.2),
      share(
        random,
        { action: { kind: 'error', status: 502, body: '<html>Bad Gateway</html>', when: 'after' } },
        0.2,
      ),
    ],
  ),
  simple('reset before applying', 'The connection is cut before ARM has the request.', (random) => [
    share(random, { action: { kind: 'reset', when: 'before' } }),
  ]),
  simple('reset after applying', 'The connection is cut after ARM has carried the request out.', (random) => [
    share(random, { action: { kind: 'reset', when: 'after' } }),
  ]),
  simple('reset mid-body', 'The connection is cut in the middle of the answer.', (random) => [
    share(random, { action: { kind: 'reset', when: 'mid-body' } }),
  ]),
  simple('truncated JSON', 'The answer is whole as far as HTTP goes, and its JSON is not.', (random) => [
    share(random, { action: { kind: 'truncate' } }),
  ]),
  simple('slow answers', 'Answers come late, some after the caller has given up.', (random) => [
    share(random, { action: { kind: 'delay', ms: seconds(random, 500, 14_000), when: 'before' } }),
    share(random, { action: { kind: 'delay', ms: seconds(random, 500, 40_000), when: 'after' } }, 0.2),
  ]),
  simple(
    'hanging requests',
    'No answer comes at all, whether the request was carried out or not.',
    (random) => [
      share(random, { action: { kind: 'hang', when: 'before' } }, 0.15),
      share(random, { action: { kind: 'hang', when: 'after' } }, 0.15),
    ],
  ),
  {
    name: 'stale reads',
    about: 'GETs and lists show for seconds what was there before a write, and some at any time.',
    switches: (random) => ({ staleReadsMs: seconds(random, 500, 8000) }),
    strike: ({ world, random }) => {
      world.azure.faults.add(share(random, { method: 'GET', action: { kind: 'stale' } }, 0.3));
    },
  },
  {
    name: 'secrets in errors',
    about: "ARM's errors quote what somebody sent, with a secret in it.",
    strike: ({ world, random }) => {
      const message = `The value '${canary(world, 'Error')}' of 'password' is invalid.`;
      world.azure.faults.add(
        share(
          random,
          { action: { kind: 'error', status: 400, code: 'InvalidRequestContent', message } },
          0.2,
        ),
      );
      world.azure.faults.add(
        share(
          random,
          { action: { kind: 'error', status: 500, code: `Bad ${canary(world, 'Code')}`, message } },
          0.2,
        ),
      );
    },
  },
  {
    name: 'somebody in between',
    about: "Somebody's write gets in between Holdfast's read and its write, and right after the write.",
    strike: (storm) => {
      storm.every(20_000, 240_000, () => {
        const between = PUT_BETWEEN[Math.floor(storm.random.next() * PUT_BETWEEN.length)];
        if (between !== undefined) addOnce(storm, between(storm));
      });
    },
  },
  {
    name: 'platform addresses in between',
    about: "Microsoft changes the platform's addresses between Holdfast's read and its write.",
    strike: (storm) => {
      storm.every(60_000, 900_000, () => {
        const last = seconds(storm.random, 1, 250);
        addOnce(storm, {
          method: ['GET', ...WRITES],
          action: {
            kind: 'change-outbound-ips',
            location: 'westeurope',
            ips: { connector: ['52.174.88.118', `20.86.93.${last}`, '13.69.64.208/28'] },
            when: storm.random.next() < 0.5 ? 'before' : 'after',
          },
        });
      });
    },
  },
  {
    name: 'locks',
    about: 'Somebody locks a vault, or the whole group, for a while.',
    strike: ({ world, estate, random, every, isOn }) => {
      every(300_000, 1_800_000, async () => {
        const vault = vaultPath(pick(world, estate.vaults));
        const scope = random.next() < 0.7 ? vault : vault.slice(0, vault.indexOf('/providers/'));
        world.azure.locks.add({ name: 'freeze', scope, level: 'ReadOnly' });
        world.tell(`somebody locks ${scope}`);
        await world.time.sleep(random.between(60_000, 900_000));
        if (isOn()) world.azure.locks.remove(scope);
      });
    },
  },
];

function addOnce({ world }: Storm<Tenant>, rule: FaultRule | null): void {
  if (rule !== null) world.azure.faults.add({ ...rule, times: 1 });
}
