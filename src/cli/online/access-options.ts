import ipaddr from 'ipaddr.js';
import { parseBlock, sizeOf, toCidr } from '../../vault/ip-range.js';
import { CommandError, EXIT } from '../exit-code.js';

/** Wider than this is no colleague's office, and no laptop. */
const WIDEST = 24;

/** Ranges that are nobody's on the Internet: https://www.iana.org/assignments/iana-ipv4-special-registry */
const NOBODYS: readonly string[] = [
  'private',
  'carrierGradeNat',
  'loopback',
  'linkLocal',
  'multicast',
  'broadcast',
  'unspecified',
];

const HOW_TO_FIND =
  'Give --ip with the address that the vault sees you come from. The vault itself names it: az keyvault secret list --vault-name NAME fails with "Client address: …".';

/** The CIDR block of an address as somebody gives it, as ARM returns it. Throws {@link CommandError}. */
export function addressBlock(text: string | undefined): string {
  if (text === undefined) throw new CommandError(HOW_TO_FIND, EXIT.usage);
  const range = parseBlock(text);
  if (range === null) {
    const isIpv6 = ipaddr.IPv6.isValid(text.split('/')[0] ?? '');
    throw new CommandError(
      isIpv6
        ? `${text}: Key Vault's firewall takes IPv4 addresses only. ${HOW_TO_FIND}`
        : `${text} is not an IPv4 address such as 203.0.113.7, or a block such as 203.0.113.0/28.`,
      EXIT.usage,
    );
  }
  const block = toCidr(range);
  if (sizeOf(range) === 2)
    throw new CommandError(`${text}: Key Vault takes no /31; give its two addresses one by one.`, EXIT.usage);
  if (sizeOf(range) > 2 ** (32 - WIDEST)) {
    throw new CommandError(
      `${text} is wider than /${WIDEST}: give the address that you come from.`,
      EXIT.usage,
    );
  }
  if (!text.includes('/') || text === block) return allowed(text, block);
  throw new CommandError(`${text} begins within a block: did you mean ${block}?`, EXIT.usage);
}

function allowed(text: string, block: string): string {
  const kind = ipaddr.IPv4.parse(block.split('/')[0] ?? '').range();
  if (!NOBODYS.includes(kind)) return block;
  throw new CommandError(
    `${text} is an address that no vault ever sees (${kind}): the one that your network is known by on the Internet is needed. ${HOW_TO_FIND}`,
    EXIT.usage,
  );
}

const SHORTEST_MS = 60_000;
const LONGEST_MS = 24 * 3_600_000;

/** `30m`, `2h`, `1h30m` or ISO 8601 (`PT2H`), in milliseconds. Throws {@link CommandError}. */
export function duration(text: string): number {
  const [, hours, minutes] = /^(?:PT)?(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?$/i.exec(text) ?? [];
  const ms = Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000;
  if (hours === undefined && minutes === undefined) {
    throw new CommandError(
      `--for takes 30m, 2h, 1h30m or PT2H, and not ${JSON.stringify(text)}.`,
      EXIT.usage,
    );
  }
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new CommandError('--for takes at least a minute and at most 24 hours.', EXIT.usage);
}
