import { applyEdits, modify } from 'jsonc-parser';
import { AUDIT_COLUMNS } from '../src/delivery/audit-columns.js';
import { permissionsOf } from '../src/permissions.js';

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' } } as const;

/** What of the ARM template's variables follows from the code. */
export const generatedVariables = (): Readonly<Record<string, unknown>> => ({
  roles: permissionsOf(),
  auditColumns: AUDIT_COLUMNS,
});

/** The ARM template's text with these values of its variables; everything else stays byte for byte. */
export function withVariables(template: string, values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).reduce(
    (text, [name, value]) => applyEdits(text, modify(text, ['variables', name], value, FORMAT)),
    template,
  );
}
