import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedVariables, withVariables } from '../../infra/with-variables.js';
import { AUDIT_COLUMNS } from '../../src/delivery/audit-columns.js';
import { permissionsOf } from '../../src/permissions.js';
import { REMEDIATORS } from '../../src/remediators/index.js';

const TEXT = readFileSync(join(__dirname, '../../infra/azuredeploy.json'), 'utf8');
const permissions = permissionsOf();
const all = [
  ...permissions.read,
  ...permissions.write,
  ...Object.values(permissions.optional).flat(),
  ...permissions.logWorkspace.enforce,
];

describe("the permissions of the app's identity", () => {
  it('stand in the ARM template as the remediators declare them (npm run generate)', () => {
    const { roles } = generatedVariables();
    expect(JSON.parse(TEXT)).toHaveProperty('variables.roles', JSON.parse(JSON.stringify(roles)));
  });

  it('hold every action that a remediator declares, once', () => {
    const declared = REMEDIATORS.flatMap(({ permissions: { read, write } }) => [...read, ...write]);
    expect(declared.filter((action) => !all.includes(action))).toEqual([]);
    expect(permissions.write.filter((action) => permissions.read.includes(action))).toEqual([]);
  });

  it('are reads alone where nothing is written', () => {
    expect(
      [...permissions.read, ...permissions.logWorkspace.audit].filter((action) => !/\/read$/.test(action)),
    ).toEqual([]);
  });

  it('name each action in full, and nothing that is inside a vault', () => {
    expect(all.filter((action) => action.includes('*'))).toEqual([]);
    expect(all.filter((action) => /\/(?:secrets|keys|certificates|storage)\b/i.test(action))).toEqual([]);
  });

  it('give nobody a role, delete nothing and purge nothing', () => {
    expect(all.filter((action) => /authorization\/\w+\/write|\/delete$|purge/i.test(action))).toEqual([]);
  });

  it('are put into a template without another change', () => {
    const roles = {
      read: ['a/read'],
      write: [],
      optional: {},
      subscription: [],
      logWorkspace: { audit: [], enforce: [] },
    };
    const changed = withVariables(TEXT, { roles });
    expect(JSON.parse(changed)).toHaveProperty('variables.roles', roles);
    expect(JSON.parse(withVariables(changed, generatedVariables()))).toEqual(JSON.parse(TEXT));
  });
});

it('the columns of the audit table stand in the ARM template as they are sent (npm run generate)', () => {
  expect(JSON.parse(TEXT)).toHaveProperty('variables.auditColumns', AUDIT_COLUMNS);
});
