import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseIpRules } from '../../simulator/key-vault/ip-rules.js';
import { nextVersion } from '../../simulator/logic/workflow-versions.js';
import { PlatformIps } from '../../simulator/platform-ips.js';
import { SwitchBoard } from '../../simulator/switches.js';

describe("a region's addresses", () => {
  it('can all be rules of a vault, however strict it is', () => {
    const strict = new SwitchBoard({
      unalignedRules: 'reject',
      slash31Rules: 'reject',
      reservedRules: 'reject',
    });
    fc.assert(
      fc.property(fc.string(), (region) => {
        const { connector, runtime, access } = new PlatformIps().of(region);
        const rules = [...connector, ...runtime, ...access].map((value) => JSON.stringify({ value }));
        expect(normaliseIpRules(rules, strict.values)).toHaveLength(6);
      }),
    );
  });

  it('are the same however the region is spelled, until they are changed', () => {
    const ips = new PlatformIps();
    const before = ips.of('North Europe');
    expect(ips.of('northeurope')).toBe(before);
    ips.change('NorthEurope', { runtime: ['20.1.1.1'] });
    expect(ips.of('north europe')).toEqual({ ...before, runtime: ['20.1.1.1'] });
  });
});

describe('version numbers', () => {
  it('count down from the end of time, as those of the service do', () => {
    // The specification's example has 08586677515911718341 for a change at that time.
    expect(nextVersion(Date.parse('2018-08-09T22:54:54.353Z'), undefined)).toMatch(/^0858667751591\d{7}$/);
  });

  it('are always smaller than the one before, also within a millisecond and when the clock goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: -1000, max: 1000 }), (now, step) => {
        const first = nextVersion(now, undefined);
        const second = nextVersion(now + step, first);
        expect(second < first && second.length === first.length).toBe(true);
      }),
    );
  });
});
