import { ACCESS_BREAKS } from './access-breaks.js';
import type { Break, Lapse } from './break.js';
import { FIREWALL_BREAKS, FIREWALL_LAPSES } from './firewall-breaks.js';
import { PLAYBOOK_BREAKS, PLAYBOOK_LAPSES } from './playbook-breaks.js';

/** What goes wrong, in this order: some breaks rest on what earlier ones left. */
export const BREAKS: readonly (Break | Lapse)[] = [
  ...FIREWALL_BREAKS,
  ...PLAYBOOK_BREAKS,
  ...ACCESS_BREAKS,
  ...PLAYBOOK_LAPSES,
  ...FIREWALL_LAPSES,
];
