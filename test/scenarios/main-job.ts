import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const MAIN: readonly string[] = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-logic-app-ips',
  'workflow-secure-outputs',
];

/** A file of tests breaks more in a minute than a tenant in an hour, and the same again and again. */
export const UNLIMITED = { HOLDFAST_MAX_CHANGES: '100000', HOLDFAST_CONTESTED_AFTER: '20' };

/**
 * The settings with which a scenario is about the firewall, purge protection and secure outputs alone; the others are
 * off, unless `more` says otherwise.
 */
export function onlyMainJob(more = ''): typeof UNLIMITED & { readonly HOLDFAST_REMEDIATORS: string } {
  const said = more.split(',').filter((part) => part !== '');
  const named = said.map((part) => part.split('=')[0]);
  const others = REMEDIATOR_IDS.filter((id) => !MAIN.includes(id) && !named.includes(id));
  const modes = [...others.map((id) => `${id}=off`), ...said].join(',');
  return { ...UNLIMITED, HOLDFAST_REMEDIATORS: modes };
}
