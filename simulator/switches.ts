/**
 * What is not known for sure about Azure, and what Azure does only sometimes, as switches: an app must be safe
 * under every setting. Each default is what the sources point to, or else the stricter behaviour.
 */
const SWITCHES = {
  secureValueOmitted: {
    values: ['reject', 'preserve', 'wipe'],
    default: 'reject',
    about: 'A workflow PUT that leaves out the value of a secure parameter',
  },
  secureParameterOnGet: {
    values: ['without-value', 'absent'],
    default: 'without-value',
    about: 'What a GET shows of a secure workflow parameter: the entry without its value, or no entry',
  },
  identityOmitted: {
    values: ['keep', 'remove'],
    default: 'remove',
    about: "A workflow PUT without identity: the workflow's identity stays or goes",
  },
  stateOmitted: {
    values: ['keep', 'enable'],
    default: 'enable',
    about: 'A workflow PUT without state: as it was, or Enabled',
  },
  ifMatch: {
    values: ['ignored', 'honoured'],
    default: 'ignored',
    about: 'If-Match on a workflow; honoured means an ETag in the answer and 412 for another one',
  },
  secureDataOnUnsupported: {
    values: ['reject', 'accept'],
    default: 'reject',
    about: 'secureData on an action type whose inputs or outputs cannot be hidden',
  },
  networkAclsSubkeyOmitted: {
    values: ['keep', 'default'],
    default: 'default',
    about: 'A vault PATCH whose networkAcls leaves out a member: as it was, or its default',
  },
  openNetworkAclsOnGet: {
    values: ['as-set', 'null', 'absent'],
    default: 'as-set',
    about: "What a GET shows of a vault's networkAcls that is Allow without rules",
  },
  tagsInPatch: {
    values: ['merge', 'replace'],
    default: 'replace',
    about: 'Tags in a PATCH of a vault or connection',
  },
  slash31Rules: {
    values: ['accept', 'reject'],
    default: 'accept',
    about: 'A vault IP rule of the size /31',
  },
  overlappingRules: {
    values: ['accept', 'reject'],
    default: 'accept',
    about: 'A vault IP rule that lies inside another one (equal ones are always accepted)',
  },
  unalignedRules: {
    values: ['accept', 'reject'],
    default: 'accept',
    about: 'A vault IP rule with host bits set, such as 13.69.64.209/28',
  },
  reservedRules: {
    values: ['accept', 'reject'],
    default: 'reject',
    about: 'A vault IP rule inside a reserved range other than RFC 1918, such as 127.0.0.0/8',
  },
  purgeProtectionAlone: {
    values: ['accept', 'reject'],
    default: 'reject',
    about:
      'Purge protection turned on, without soft delete in the same call, where the vault says nothing of it',
  },
  accessPolicyRemove: {
    values: ['listed-permissions', 'whole-entry'],
    default: 'listed-permissions',
    about: 'accessPolicies/remove with part of the permissions of an entry',
  },
  sideWritesTouchSystemData: {
    values: ['yes', 'no'],
    default: 'yes',
    about: "Whether access policy and tag writes renew a vault's systemData",
  },
  concurrentVaultWrites: {
    values: ['last-wins', 'conflict'],
    default: 'conflict',
    about: 'Two writes of one vault at once: both succeed, or the later one gets 409 ConflictError',
  },
  applicationAuthor: {
    values: ['appid', 'oid'],
    default: 'appid',
    about: 'How systemData names an application: by its client id or its object id',
  },
  connectionConsentOnPut: {
    values: ['lost', 'kept'],
    default: 'lost',
    about: 'A connection PUT where somebody has signed in: they have to do so again, or not',
  },
  connectionAuthenticationOnSave: {
    values: ['checked', 'unchecked'],
    default: 'checked',
    about: 'A workflow PUT whose connections and connectionProperties do not agree on a managed identity',
  },
  workflowIdentityMissingOnSave: {
    values: ['accept', 'reject'],
    default: 'accept',
    about: 'A workflow PUT whose connections use a managed identity that the workflow does not have',
  },
  managedIdentityConnectionWithoutAuthentication: {
    values: ['fails', 'works'],
    default: 'fails',
    about: 'What a run makes of a managed identity connection that its workflow names without authentication',
  },
  connectionsBySubscription: {
    values: ['supported', 'not-found'],
    default: 'not-found',
    about: 'Listing the connections of a whole subscription',
  },
  listsWithoutPermission: {
    values: ['forbidden', 'filtered'],
    default: 'forbidden',
    about: 'A list whose caller may not read the whole scope: 403, or only what the caller may see',
  },
  roleDefinitionIdScope: {
    values: ['subscription', 'tenant'],
    default: 'subscription',
    about: "Whether a role assignment's roleDefinitionId names its subscription",
  },
  diagnosticCategoryOverlap: {
    values: ['expanded', 'literal'],
    default: 'expanded',
    about: 'Whether a log category and a group that holds it are the same to two settings with one sink',
  },
  diagnosticSettingsOfDeleted: {
    values: ['kept', 'lost'],
    default: 'kept',
    about: "A deleted resource's diagnostic settings, once it is recovered or made again",
  },
  vaultRegistrationMs: {
    values: 'number',
    default: 0,
    about: 'For how long a vault that is made or recovered says RegisteringDns',
  },
  linkedAccess: {
    values: ['new-links', 'all-links', 'off'],
    default: 'new-links',
    about: 'Which subnets, connections and identities named in a write need a join or assign permission',
  },
  principalWithType: {
    values: ['unchecked', 'checked'],
    default: 'unchecked',
    about: 'A role for a principal that is not there, given with its principalType',
  },
  flexDeprecatedSettings: {
    values: ['rejected', 'ignored'],
    default: 'rejected',
    about: 'App settings that Flex Consumption has deprecated, other than FUNCTIONS_WORKER_RUNTIME',
  },
  flexLeastMaximum: {
    values: ['one', 'forty'],
    default: 'one',
    about: 'The least maximumInstanceCount that a Flex Consumption app takes',
  },
  lockedImmutabilityPolicy: {
    values: ['rejected', 'same-accepted'],
    default: 'rejected',
    about: 'A PUT of a locked immutability policy with what it already says',
  },
  flexAuthEnvironment: {
    values: ['both', 'config', 'none'],
    default: 'both',
    about: 'What a Flex Consumption app has in its environment of App Service authentication',
  },
  unlockedPolicyKeepsAccount: {
    values: ['never', 'with-blobs'],
    default: 'with-blobs',
    about: 'Whether an unlocked immutability policy keeps its storage account while there are blobs',
  },
  newProperties: {
    values: ['none', 'every-level'],
    default: 'none',
    about: 'Whether resources get undocumented properties when they are made, which every write must keep',
  },
  staleReadsMs: {
    values: 'number',
    default: 0,
    about: 'For how long after a write a GET or list still shows the resource as it was',
  },
  eventDuplicates: {
    values: 'number',
    default: 0,
    about: 'How many more times each event is delivered',
  },
  eventDelayMinMs: {
    values: 'number',
    default: 0,
    about: 'Least time between a write and the delivery of its event',
  },
  eventDelayMaxMs: {
    values: 'number',
    default: 0,
    about: 'Longest such time; each delivery draws its own, so that events come out of order',
  },
  eventLoss: {
    values: 'number',
    default: 0,
    about: 'The share of deliveries that are lost, 0 to 1',
  },
  eventUriCase: {
    values: ['as-sent', 'lower', 'upper', 'mixed'],
    default: 'as-sent',
    about: 'The case of the resource ids in events',
  },
  eventOperationCase: {
    values: ['canonical', 'upper'],
    default: 'canonical',
    about: 'The case of operationName in events',
  },
  eventChildUri: {
    values: ['child', 'parent'],
    default: 'child',
    about: 'What the event of a tag or access policy write names: that child, or the resource itself',
  },
  eventHttpRequest: {
    values: ['absent-on-create', 'present', 'without-ip', 'absent'],
    default: 'absent-on-create',
    about: 'httpRequest in events, and the IP address in it',
  },
  correlationRequestId: {
    values: ['honoured', 'ignored'],
    default: 'honoured',
    about: "Whether x-ms-correlation-request-id of a request becomes the operation's correlation id",
  },
  activityLogDelayMs: {
    values: 'number',
    default: 0,
    about: 'How long after it happened an event is in the activity log',
  },
  activityLogHttpRequest: {
    values: ['present', 'started-only', 'absent'],
    default: 'present',
    about: 'httpRequest, and with it the client request id, in events of the activity log',
  },
  activityLogOperationId: {
    values: ['own', 'correlation'],
    default: 'own',
    about: "An operation's id in events of the activity log: one of its own, or its correlation id",
  },
  activityLogServiceRequestId: {
    values: ['present', 'absent'],
    default: 'present',
    about: "The answer's x-ms-request-id in events of the activity log, as properties.serviceRequestId",
  },
  activityLogPolicyEvents: {
    values: ['none', 'with-each-write'],
    default: 'none',
    about:
      'Whether Azure Policy audits each write, which is an event of its own with the writer as its caller',
  },
  activityLogCallerFilter: {
    values: ['rejected', 'accepted'],
    default: 'rejected',
    about: 'caller eq in the filter of the activity log',
  },
  activityLogByGroup: {
    values: ['forbidden', 'allowed'],
    default: 'forbidden',
    about: 'Asking for the activity log of a resource group with a role on that group alone',
  },
} as const satisfies Record<string, SwitchDefinition>;

export interface SwitchDefinition {
  /** The settings there are, or `number` for any number from 0. */
  readonly values: readonly string[] | 'number';
  readonly default: string | number;
  readonly about: string;
}

type Definitions = typeof SWITCHES;
type ValueOf<D> = D extends { readonly values: readonly (infer V)[] } ? V : number;

export type Switches = { -readonly [Name in keyof Definitions]: ValueOf<Definitions[Name]> };

/** For the documentation and for tests that go through every setting. */
export const SWITCH_DEFINITIONS: Readonly<Record<keyof Switches, SwitchDefinition>> = SWITCHES;

export class SwitchBoard {
  #values: Switches;
  readonly #initial: Switches;

  constructor(initial: Partial<Switches> = {}) {
    this.#values = defaults();
    this.set(initial);
    this.#initial = this.#values;
  }

  get values(): Readonly<Switches> {
    return this.#values;
  }

  /** Throws a RangeError for a switch or setting that there is not. */
  set(changes: Partial<Switches>): void {
    for (const [name, value] of Object.entries(changes)) check(name, value);
    this.#values = { ...this.#values, ...changes };
  }

  /** Back to the settings it started with. */
  reset(): void {
    this.#values = this.#initial;
  }
}

/** A setting as text, e.g. from a command line; numbers become numbers. */
export function parseSwitch(name: string, text: string): Partial<Switches> {
  const definition = definitionOf(name);
  const value = definition.values === 'number' ? Number(text) : text;
  check(name, value);
  return { [name]: value };
}

function defaults(): Switches {
  return Object.fromEntries(
    Object.entries(SWITCHES).map(([name, definition]) => [name, definition.default]),
  ) as unknown as Switches;
}

function check(name: string, value: unknown): void {
  const definition = definitionOf(name);
  const fits =
    definition.values === 'number'
      ? typeof value === 'number' && value >= 0
      : typeof value === 'string' && definition.values.includes(value);
  if (fits) return;
  const allowed =
    definition.values === 'number' ? 'a number from 0' : `one of ${definition.values.join(', ')}`;
  throw new RangeError(`The switch ${name} takes ${allowed}, not ${JSON.stringify(value)}.`);
}

function definitionOf(name: string): SwitchDefinition {
  const found = Object.entries(SWITCH_DEFINITIONS).find(([candidate]) => candidate === name);
  if (found === undefined) throw new RangeError(`There is no switch named ${name}.`);
  return found[1];
}
