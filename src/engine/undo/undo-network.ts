import type { Edit } from '../../types/edit.js';
import { getIgnoringCase, type Json } from '../../types/json.js';
import type { ResourceId } from '../../types/resource-id.js';
import { IP_RULES_PATH, UNSET_FIREWALL_SETTINGS, VNET_RULES_PATH } from '../../vault/network-rules.js';
import type { ArmUrl } from '../ports/arm.js';
import { shellQuoted, UnquotableError } from './shell-quoted.js';
import { undoJq } from './undo-jq.js';
import { azRest } from './undo-script.js';
import type { NotUndone, UndoPart } from './undo.js';

/**
 * PATCH puts a new networkAcls in place of the old, so the one that is sent is made of the one that is there: whatever
 * others have added by then stays in it.
 */
const PREPARE =
  '((.properties.networkAcls // {}) | with_entries(select(.value != null))) as $acls | {properties: {networkAcls: ($acls + ({bypass: "AzureServices", defaultAction: "Allow", ipRules: [], virtualNetworkRules: []} + $acls))}}';

/** What takes back the edits of a vault's networkAcls. */
export function undoNetwork(id: ResourceId, recorded: readonly Edit[], armUrl: ArmUrl): UndoPart {
  const all = recorded.map(asSet);
  const edits = all.filter(({ before, after }) => before !== after);
  const cannotUndo = all
    .filter((edit) => !edits.includes(edit))
    .map(({ path }): NotUndone => ({
      path,
      why: 'It was not set, which means the same as what was written: there is nothing to undo.',
    }));
  if (edits.length === 0) return { commands: [], cannotUndo, warnings: [] };
  const jq = undoJq(edits, { sameness: 'as-rules', prepare: PREPARE, finish: '.' });
  const rest = { method: 'PATCH', url: armUrl(id), body: null, jq } as const;
  const title = 'Put the vault’s firewall back as it was, without touching what others have put there';
  return {
    commands: [{ title, az: azKeyvault(id, edits) ?? azRest(rest), rest }],
    cannotUndo,
    warnings: warningsOf(edits),
  };
}

/** A PATCH says what was not set, because what it does to a missing key is not documented. */
function asSet(edit: Edit): Edit {
  const unset = UNSET_FIREWALL_SETTINGS[edit.path];
  return edit.op === 'set' && edit.before === null && unset !== undefined ? { ...edit, before: unset } : edit;
}

function warningsOf(edits: readonly Edit[]): readonly string[] {
  const opens = edits.some(({ path, before }) => path.endsWith('/defaultAction') && before === 'Allow');
  const shutsOut = edits.some(({ op, path }) => op === 'add' && path === IP_RULES_PATH);
  return [
    ...(opens ? ['The vault is then open to all networks again: anybody who has a token may try.'] : []),
    ...(shutsOut
      ? ['Whoever calls from the addresses that are taken out is turned away while the firewall is shut.']
      : []),
  ];
}

/**
 * The same as `az keyvault` commands, each of which reads the vault itself and changes nothing else; null where they
 * would not do: `network-rule add` leaves out a rule that overlaps one which is there (azure-cli,
 * command_modules/keyvault/custom.py), and a value of another form than an address or a subnet's id could be an option.
 */
function azKeyvault(id: ResourceId, edits: readonly Edit[]): string | null {
  if (edits.some(({ op, path }) => op === 'remove' && path === IP_RULES_PATH)) return null;
  try {
    const commands = [
      ...settings(edits),
      ...rules(edits, IP_RULES_PATH, 'add', 'remove --ip-address', /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/),
      ...rules(edits, VNET_RULES_PATH, 'add', 'remove --subnet', /^\/subscriptions\//i),
      ...rules(edits, VNET_RULES_PATH, 'remove', 'add --subnet', /^\/subscriptions\//i),
    ];
    const vault = `--subscription ${id.subscriptionId} --resource-group ${shellQuoted(id.resourceGroup)} --name ${shellQuoted(id.name)} --output none`;
    return commands.map((command) => `${command} ${vault}`).join(' &&\n');
  } catch (error) {
    if (error instanceof UnquotableError) return null;
    throw error;
  }
}

const OPTIONS: Readonly<Record<string, string>> = {
  '/properties/networkAcls/defaultAction': '--default-action',
  '/properties/networkAcls/bypass': '--bypass',
};

function settings(edits: readonly Edit[]): readonly string[] {
  const options = edits
    .filter(({ op }) => op === 'set')
    .map(({ path, before }) => {
      const option = OPTIONS[path];
      if (option === undefined) throw new UnquotableError(`There is no option for ${path}.`);
      return `${option} ${shellQuoted(demanded(before, /^[A-Za-z]+$/))}`;
    });
  return options.length === 0 ? [] : [`az keyvault update ${options.join(' ')}`];
}

function rules(
  edits: readonly Edit[],
  path: string,
  op: 'add' | 'remove',
  command: string,
  form: RegExp,
): readonly string[] {
  return edits
    .filter((edit) => edit.op === op && edit.path === path)
    .map(({ before, after }) => {
      const rule = after ?? before;
      const name = getIgnoringCase(rule, 'value') ?? getIgnoringCase(rule, 'id');
      return `az keyvault network-rule ${command} ${shellQuoted(demanded(name, form))}`;
    });
}

function demanded(value: Json | undefined, form: RegExp): string {
  if (typeof value === 'string' && form.test(value)) return value;
  throw new UnquotableError('The value is not of the form that it has in a command.');
}
