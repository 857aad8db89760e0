import { isJsonObject, type JsonObject } from '../types/json.js';
import { propertiesOf } from '../types/observation.js';
import { parseResourceId } from '../types/resource-id.js';
import { HOLE } from '../workflow/folded.js';
import { toVaultName } from '../workflow/vault-uri.js';
import type { Part } from './checked.js';
import type { RuleId } from './rules.js';
import { planSubject } from './plan-subject.js';
import { readPlan } from './read-plan.js';
import { standInId } from './stand-ins.js';
import type { Subject } from './subject.js';

/** The vaults that the Logic Apps of a file read, by name; null is one whose name the file does not say. */
export type ReadVaults = ReadonlySet<string | null>;

const ID = parseResourceId(standInId('Microsoft.KeyVault/vaults', 'vault'));

/**
 * The first version of the API that knows what a rule changes
 * (https://github.com/Azure/bicep-types-az/tree/main/generated/keyvault/microsoft.keyvault).
 */
const KNOWN_SINCE: ReadonlyMap<RuleId, string> = new Map([
  ['vault-purge-protection', '2016-10-01'],
  ['vault-firewall', '2018-02-14'],
]);

const READ_HERE =
  'A Logic App of this file may read the vault, and the addresses that it calls from are known only once it is deployed';

/**
 * Whether a vault is safe from its first day. Who reads it is not known, but for the Logic Apps of the same file: where one
 * of them may, it is not shut here, because nothing could let that one in.
 */
export function checkVault(subject: Subject, readVaults: ReadVaults, text: string, now: Date): Part {
  const { document } = subject;
  const plan = planSubject(
    {
      kind: 'vault',
      id: ID,
      vault: subject.scope === null ? document : withKnownLists(asCreated(document)),
      readers: [],
      unresolvedReaders: [],
      ownedRules: [],
      releasedRules: [],
      overdueRules: [],
      knownGood: null,
      arrivedOpen: [],
      surroundings: { roleAssignments: null, diagnosticSettings: null, hidden: [] },
      keepPrincipals: new Set(),
      logWorkspace: null,
      recentCallers: null,
    },
    now,
  );
  return readPlan(plan, {
    subject,
    text,
    placeOf: (about) =>
      about?.startsWith('rule:') === true ? '/properties/networkAcls/ipRules' : '/properties/networkAcls',
    groupOf: () => 'vault',
    alsoReads: (rule) =>
      rule === 'vault-firewall' ? ['/properties/networkAcls', '/properties/publicNetworkAccess'] : [],
    obstacleTo: (rule) =>
      rule === 'vault-firewall' && mayRead(document, readVaults) ? READ_HERE : tooOldFor(rule, document),
  });
}

/**
 * "If it's not set to any value(true or false) when creating new key vault, it will be set to true by default": a template
 * that says nothing of soft delete has it, unlike a vault that ARM gives back
 * (https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update#vaultproperties).
 */
function asCreated(vault: JsonObject): JsonObject {
  const properties = propertiesOf(vault);
  const enableSoftDelete = properties.enableSoftDelete ?? true;
  return { ...vault, properties: { ...properties, enableSoftDelete } };
}

/**
 * Without the lists of rules that an expression makes, as Bicep does of a loop: whether the vault is shut does not depend on
 * them, and a vault that ARM gives back has no text there.
 */
function withKnownLists(vault: JsonObject): JsonObject {
  const { networkAcls, ...properties } = propertiesOf(vault);
  if (!isJsonObject(networkAcls)) return vault;
  const known = Object.entries(networkAcls).filter(
    ([key, value]) =>
      !['ipRules', 'virtualNetworkRules'].includes(key) || typeof value !== 'string' || !value.includes(HOLE),
  );
  return { ...vault, properties: { ...properties, networkAcls: Object.fromEntries(known) } };
}

function tooOldFor(rule: RuleId, { apiVersion }: JsonObject): string | null {
  const since = KNOWN_SINCE.get(rule);
  const isOld =
    typeof apiVersion === 'string' && /^\d{4}-\d\d-\d\d/.test(apiVersion) && apiVersion < (since ?? '');
  return isOld
    ? `The apiVersion ${apiVersion} does not know what would have to be set; raise it to ${since ?? ''} or later first`
    : null;
}

/** A name that is not known may be any. */
function mayRead({ name }: JsonObject, readVaults: ReadVaults): boolean {
  if (readVaults.size === 0) return false;
  const own = typeof name === 'string' ? toVaultName(name) : null;
  return own === null || own.startsWith('unknown.') || readVaults.has(null) || readVaults.has(own);
}
