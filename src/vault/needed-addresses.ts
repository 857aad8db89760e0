import ipaddr from 'ipaddr.js';
import type { VaultReader } from '../types/observation.js';
import {
  cidrBlocks,
  hasOverlap,
  hasPrivateAddress,
  parseBlock,
  parseRange,
  type IpRange,
} from './ip-range.js';

/** An address that a workflow calls from and that Key Vault takes in no rule. */
export interface UnsendableAddress {
  readonly address: string;
  readonly why: 'ipv6' | 'private' | 'unreadable';
  /** Null where it is not IPv4. */
  readonly range: IpRange | null;
  readonly workflowIds: readonly string[];
}

export interface NeededAddresses {
  /** CIDR blocks that may go into a rule; they may overlap or occur twice. */
  readonly blocks: readonly IpRange[];
  readonly unsendable: readonly UnsendableAddress[];
}

/** Reads the addresses of all readers of a vault, listed or not: that a list left a workflow out proves nothing. */
export function readNeededAddresses(readers: readonly VaultReader[]): NeededAddresses {
  const blocks: IpRange[] = [];
  const unsendable: UnsendableAddress[] = [];
  for (const address of new Set(readers.flatMap((reader) => reader.addresses))) {
    const range = parseRange(address);
    if (range !== null && !hasPrivateAddress(range)) blocks.push(...blocksOf(address, range));
    else
      unsendable.push({ address, why: whyNot(address, range), range, workflowIds: idsOf(address, readers) });
  }
  return { blocks, unsendable };
}

/** Answers which workflows call from an address of a range; the ids in order, so that any order of readers gives the same. */
export function workflowsByRange(readers: readonly VaultReader[]): (range: IpRange) => readonly string[] {
  const read = readers.map(({ workflowId, addresses }) => ({ workflowId, ranges: readRanges(addresses) }));
  return (range) =>
    sortedIds(read.filter(({ ranges }) => hasOverlap(ranges, range)).map(({ workflowId }) => workflowId));
}

/** The ranges among addresses; what is not IPv4 is left out. */
export function readRanges(addresses: readonly string[]): readonly IpRange[] {
  return addresses.map(parseRange).filter((range) => range !== null);
}

/** A block stays the block it is; only a `from-to` range has to be cut into blocks. */
function blocksOf(address: string, range: IpRange): readonly IpRange[] {
  return parseBlock(address) === null ? cidrBlocks([range]) : [range];
}

function whyNot(address: string, range: IpRange | null): UnsendableAddress['why'] {
  if (range !== null) return 'private';
  return ipaddr.IPv6.isValid(address.replace(/\/\d+$/, '')) ? 'ipv6' : 'unreadable';
}

function idsOf(address: string, readers: readonly VaultReader[]): readonly string[] {
  return sortedIds(
    readers.filter(({ addresses }) => addresses.includes(address)).map(({ workflowId }) => workflowId),
  );
}

function sortedIds(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].sort();
}
