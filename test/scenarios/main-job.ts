import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const MAIN: readonly string[] = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-logic-app-ips',
  'workflow-secure-outputs',
];

/**
 * The setting with which a scenario is about the firewall, purge protection and secure outputs alone; the others are
 * off, unless `more` says otherwise.
 */
export function onlyMainJob(more = ''): { readonly HOLDFAST_REMEDIATORS: string } {
  const said = more.split(',').filter((part) => part !== '');
  const named = said.map((part) => part.split('=')[0]);
  const others = REMEDIATOR_IDS.filter((id) => !MAIN.includes(id) && !named.includes(id));
  return { HOLDFAST_REMEDIATORS: [...others.map((id) => `${id}=off`), ...said].join(',') };
}
