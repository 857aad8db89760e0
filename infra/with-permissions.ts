import { applyEdits, modify } from 'jsonc-parser';
import type { Permissions } from '../src/permissions.js';

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } } as const;

/** The ARM template's text with these permissions in its variable `roles`; everything else stays byte for byte. */
export function withPermissions(template: string, permissions: Permissions): string {
  return applyEdits(template, modify(template, ['variables', 'roles'], permissions, FORMAT));
}
