import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

/** The messages of the rules that hold the architecture, for a file that is not there. */
async function complaintsAbout(filePath: string, code: string): Promise<string[]> {
  const eslint = new ESLint({
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
    ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
  });
  const [result] = await eslint.lintText(code, { filePath });
  return result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? [];
}

const use = (what: string): string => `import { x } from '${what}';\nexport const y: unknown = x;\n`;

describe('the dependency direction is held by lint', () => {
  test.each([
    ['a remediator imports the engine', 'src/remediators/a.ts', use('../engine/look-at.js')],
    ['a remediator imports a client', 'src/remediators/a.ts', use('@azure/arm-keyvault')],
    ['a remediator imports Node.js', 'src/remediators/a.ts', use('node:fs')],
    ['a remediator reads the environment', 'src/remediators/a.ts', 'export const y = process.env.X;\n'],
    ['a remediator reads the clock', 'src/remediators/a.ts', 'export const y = new Date();\n'],
    ['a remediator reads the clock another way', 'src/remediators/a.ts', 'export const y = Date.now();\n'],
    ['a type imports a remediator', 'src/types/a.ts', use('../remediators/remediator.js')],
    ['a setting asks the engine', 'src/settings/a.ts', use('../engine/ports/arm.js')],
    ['the engine imports a client of ours', 'src/engine/a.ts', use('../azure/arm-reader.js')],
    ['the engine imports the app', 'src/engine/a.ts', use('../app.js')],
    ['a delivery imports the storage account', 'src/delivery/a.ts', use('../state/outbox.js')],
    ['a target imports ARM', 'src/delivery/teams/a.ts', use('../../azure/arm-reader.js')],
    ['the engine imports a delivery', 'src/engine/a.ts', use('../delivery/wake.js')],
    ['the state imports ARM', 'src/state/a.ts', use('../azure/arm-reader.js')],
    ['a delivery target reads the settings', 'src/delivery/a.ts', use('../settings/settings.js')],
    ['a function imports the engine past the app', 'src/functions/a.ts', use('../engine/engine.js')],
    ['the engine imports the command line', 'src/engine/a.ts', use('../cli/exit-code.js')],
    ['a function imports the command line', 'src/functions/a.ts', use('../cli/exit-code.js')],
    ['the command line imports a function', 'src/cli/a.ts', use('../functions/audit.js')],
    ['a command imports a function', 'src/cli/commands/a.ts', use('../../functions/audit.js')],
    ['a reading of templates imports the command line', 'src/template/a.ts', use('../cli/exit-code.js')],
    ['a reading of templates reads files', 'src/template/a.ts', use('node:fs')],
    ['what is wired imports the app', 'src/wiring/a.ts', use('../app.js')],
    ['the engine imports what is wired', 'src/engine/a.ts', use('../wiring/policy-of.js')],
    ['the page imports the engine', 'src/dashboard/a.ts', use('../engine/posture.js')],
    ['the page makes markup of a text', 'src/dashboard/a.ts', 'document.body.innerHTML = location.hash;\n'],
    ['the page adds markup', 'src/dashboard/a.ts', "document.body.insertAdjacentHTML('beforeend', '');\n"],
    ['the page writes markup', 'src/dashboard/a.ts', "document.write('');\n"],
    ['the page sets a cookie', 'src/dashboard/a.ts', "document.cookie = 'a=b';\n"],
    ['the page keeps something for good', 'src/dashboard/a.ts', "localStorage.setItem('a', 'b');\n"],
    ['production code imports the simulator', 'src/engine/a.ts', use('../../simulator/simulator.js')],
  ])('not allowed: %s', async (_name, path, code) => {
    expect(await complaintsAbout(path, code)).not.toEqual([]);
  });

  test.each([
    ['a remediator imports what it knows', 'src/remediators/a.ts', use('../vault/ip-range.js')],
    ['a remediator makes a date of a given time', 'src/remediators/a.ts', 'export const y = new Date(0);\n'],
    ['the engine imports a remediator', 'src/engine/a.ts', use('../remediators/index.js')],
    ["a client implements the engine's ports", 'src/azure/a.ts', use('../engine/ports/arm.js')],
    ["a delivery uses the engine's ports", 'src/delivery/a.ts', use('../engine/ports/arm.js')],
    ['the state implements the ports of deliveries', 'src/state/a.ts', use('../delivery/outbox.js')],
    ['a delivery target imports its client', 'src/delivery/a.ts', use('@azure/eventgrid')],
    ['a reading of templates asks the remediators', 'src/template/a.ts', use('../remediators/index.js')],
    ['a command imports a reading of templates', 'src/cli/commands/a.ts', use('../../template/a.js')],
    ['a command imports the engine', 'src/cli/commands/a.ts', use('../../engine/engine.js')],
    ['a command imports a client', 'src/cli/commands/a.ts', use('@azure/identity')],
    ['what is wired imports a client', 'src/wiring/a.ts', use('../azure/arm-reader.js')],
    ['the command line imports what is wired', 'src/cli/a.ts', use('../wiring/policy-of.js')],
    ['a function imports the app', 'src/functions/a.ts', use('../app.js')],
    ['the page imports the words', 'src/dashboard/a.ts', use('../types/record.js')],
    ['a function imports the Functions library', 'src/functions/a.ts', use('@azure/functions')],
  ])('allowed: %s', async (_name, path, code) => {
    expect(await complaintsAbout(path, code)).toEqual([]);
  });
});
