import type { RegionIps } from './platform-ips.js';
import type { Endpoint } from './journal.js';
import type { Random } from './random.js';

/** What goes wrong. `before` means that nothing was applied, `after` that it was and only the answer is another. */
export type FaultAction =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code?: string;
      readonly message?: string;
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string;
      readonly headers?: Readonly<Record<string, string>>;
      /** An answer that is not ARM's, e.g. a proxy's HTML page, instead of code and message. */
      readonly body?: string;
      readonly when?: 'before' | 'after';
    }
  /** The connection is cut: before the request is applied, after it, or in the middle of the answer. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' | 'mid-body' }
  /** A complete HTTP answer whose body stops after so many bytes; half of it where nothing is said. */
  | { readonly kind: 'truncate'; readonly bytes?: number }
  /** A correct answer, later. The request is applied after the delay, or before it. */
  | { readonly kind: 'delay'; readonly ms: number; readonly when?: 'before' | 'after' }
  /** No answer, until the caller gives up or the simulator closes. */
  | { readonly kind: 'hang'; readonly when?: 'before' | 'after' }
  /** The GET shows the resource as it was before its last write. */
  | { readonly kind: 'stale' }
  /** Microsoft changes a region's addresses just before, or just after, the request is handled. */
  | {
      readonly kind: 'change-outbound-ips';
      readonly location: string;
      readonly ips: Partial<RegionIps>;
      readonly when?: 'before' | 'after';
    }
  /** Somebody else's request gets in just before, or just after, this one. */
  | {
      readonly kind: 'somebody-else';
      readonly as: string;
      readonly method: string;
      /** A resource id or path; the api-version is added where it is missing. */
      readonly path: string;
      readonly body?: string;
      readonly when?: 'before' | 'after';
    };

export interface FaultRule {
  /** One is made up where none is given. */
  readonly id?: string;
  readonly endpoint?: Endpoint;
  readonly method?: string | readonly string[];
  /** The path, without case; `*` stands for any characters. */
  readonly path?: string;
  /** Skips this many matching requests first. */
  readonly skip?: number;
  /** Strikes this many times; always, where nothing is said. */
  readonly times?: number;
  /** From 0 to 1. */
  readonly probability?: number;
  readonly action: FaultAction;
}

/** A fault that befalls a request. */
export interface Strike {
  readonly id: string;
  readonly action: FaultAction;
}

/** A fault as it stands: how often it matched and how often it struck. */
export interface Fault extends FaultRule {
  readonly id: string;
  readonly matched: number;
  readonly struck: number;
}

interface Standing {
  readonly id: string;
  readonly rule: FaultRule;
  readonly pattern: RegExp;
  matched: number;
  struck: number;
}

export class Faults {
  #standing: Standing[] = [];
  #count = 0;

  constructor(private readonly random: Random) {}

  /** Gives the fault's id. */
  add(rule: FaultRule): string {
    this.#count += 1;
    const id = rule.id ?? `fault-${this.#count}`;
    this.#standing.push({ id, rule, pattern: patternOf(rule.path ?? '*'), matched: 0, struck: 0 });
    return id;
  }

  remove(id: string): void {
    this.#standing = this.#standing.filter((fault) => fault.id !== id);
  }

  clear(): void {
    this.#standing = [];
  }

  get all(): readonly Fault[] {
    return this.#standing.map(({ id, rule, matched, struck }) => ({ ...rule, id, matched, struck }));
  }

  /** The faults that strike this request, in the order in which they were added. It counts as one match. */
  strike(endpoint: Endpoint, method: string, path: string): readonly Strike[] {
    return this.#standing
      .filter((fault) => this.strikes(fault, endpoint, method, path))
      .map(({ id, rule }) => ({ id, action: rule.action }));
  }

  private strikes(fault: Standing, endpoint: string, method: string, path: string): boolean {
    const { rule } = fault;
    const methods = typeof rule.method === 'string' ? [rule.method] : rule.method;
    if ((rule.endpoint ?? 'arm') !== endpoint) return false;
    if (methods?.includes(method) === false) return false;
    if (!fault.pattern.test(path)) return false;
    fault.matched += 1;
    if (fault.matched <= (rule.skip ?? 0)) return false;
    if (fault.struck >= (rule.times ?? Infinity)) return false;
    if (rule.probability !== undefined && this.random.next() >= rule.probability) return false;
    fault.struck += 1;
    return true;
  }
}

/** Whether a fault happens before the request is applied, after it, or to the answer. */
export function whenOf(action: FaultAction): 'before' | 'after' | 'answer' {
  switch (action.kind) {
    case 'truncate':
    case 'stale':
      return 'answer';
    case 'reset':
      return action.when === 'mid-body' ? 'answer' : action.when;
    case 'error':
    case 'delay':
    case 'hang':
    case 'change-outbound-ips':
    case 'somebody-else':
      return action.when ?? 'before';
  }
}

function patternOf(glob: string): RegExp {
  const escaped = glob.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 'i');
}
