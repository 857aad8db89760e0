import { createHash } from 'node:crypto';

/** The addresses of one region's Logic Apps platform, as `endpointsConfiguration` lists them. */
export interface RegionIps {
  /** Where managed connectors call from. */
  readonly connector: readonly string[];
  /** Where the runtime (HTTP actions) calls from. */
  readonly runtime: readonly string[];
  /** Where the runtime takes calls. */
  readonly access: readonly string[];
}

/** As seen in 2023: https://github.com/MicrosoftDocs/BusinessApplicationPlatform-Connectors-public/issues/534 */
const WEST_EUROPE_CONNECTORS = ['52.174.88.118', '13.69.64.208/28', '13.69.71.192/27'];

/** The platform's addresses by region. Microsoft changes them at any time, and nothing announces it. */
export class PlatformIps {
  readonly #regions = new Map<string, RegionIps>();

  of(location: string): RegionIps {
    const region = regionOf(location);
    const known = this.#regions.get(region);
    if (known !== undefined) return known;
    const made = inventedFor(region);
    this.#regions.set(region, made);
    return made;
  }

  /** What is left out stays. */
  change(location: string, ips: Partial<RegionIps>): void {
    this.#regions.set(regionOf(location), { ...this.of(location), ...ips });
  }
}

/** `West Europe` and `westeurope` are the same place. */
export function regionOf(location: string): string {
  return location.replaceAll(' ', '').toLowerCase();
}

/** For other regions: made up from the name, in the shape that real lists have, single addresses beside blocks. */
function inventedFor(region: string): RegionIps {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = createHash('sha256').update(region).digest();
  const connector =
    region === 'westeurope'
      ? WEST_EUROPE_CONNECTORS
      : [
          `40.${a % 128}.${b}.${c % 254 || 9}`,
          `13.${64 + (d % 64)}.${e}.${(f % 16) * 16}/28`,
          `20.${a % 200}.${f}.${(b % 8) * 32}/27`,
        ];
  return {
    connector,
    runtime: [`52.${a % 200}.${b}.${d % 254 || 5}`, `104.${40 + (c % 20)}.${e}.${f % 254 || 6}`],
    access: [`51.${a % 200}.${c}.${e % 254 || 7}`],
  };
}
