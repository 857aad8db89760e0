import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { getSecret, templateOf, vaultOf, workflowOf } from '../template/template-of.js';
import { folderOf, holdfast } from './run-holdfast.js';

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const isValid = ajv.compile(schema);

const place = z.object({
  artifactLocation: z.object({ uri: z.string(), uriBaseId: z.string().optional() }),
  region: z.object({ startLine: z.number(), startColumn: z.number() }),
});
const regionShape = z.object({
  startLine: z.number(),
  startColumn: z.number(),
  endLine: z.number(),
  endColumn: z.number(),
});
const logShape = z.object({
  runs: z.tuple([
    z.object({
      tool: z.object({ driver: z.object({ rules: z.array(z.object({ id: z.string() })) }) }),
      invocations: z.tuple([
        z.object({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(
            z.object({ level: z.string(), message: z.object({ text: z.string() }) }),
          ),
        }),
      ]),
      results: z.array(
        z.object({
          ruleId: z.string(),
          ruleIndex: z.number(),
          locations: z.tuple([z.object({ physicalLocation: place })]),
          partialFingerprints: z.record(z.string(), z.string()),
          fixes: z
            .tuple([
              z.object({
                artifactChanges: z.tuple([
                  z.object({
                    replacements: z.array(
                      z.object({
                        deletedRegion: regionShape,
                        insertedContent: z.object({ text: z.string() }),
                      }),
                    ),
                  }),
                ]),
              }),
            ])
            .optional(),
        }),
      ),
    }),
  ]),
});
type Log = z.infer<typeof logShape>;

/** The log of a folder; it is valid by the schema of SARIF 2.1.0. */
function logOf(folder: string, ...paths: readonly string[]): Log['runs'][0] {
  const { stdout } = holdfast(['check', '--format', 'sarif', ...paths], { cwd: folder });
  const log: unknown = JSON.parse(stdout);
  isValid(log);
  expect(isValid.errors).toBeNull();
  return logShape.parse(log).runs[0];
}

const parameters = { location: { type: 'string', defaultValue: 'westeurope' }, open: { type: 'bool' } };
const TEMPLATE = JSON.stringify(
  templateOf(
    [
      workflowOf({ Get: getSecret(), Other: getSecret('b') }),
      vaultOf({ enablePurgeProtection: "[parameters('open')]", publicNetworkAccess: 'Disabled' }),
    ],
    { parameters },
  ),
  null,
  2,
);

function repository(files: Readonly<Record<string, string>>): string {
  const folder = folderOf(files);
  mkdirSync(join(folder, '.git'));
  return folder;
}

describe('SARIF', () => {
  it('is valid where nothing is found, and where a file cannot be read', () => {
    const clean = logOf(repository({ 'a.json': '{}' }), '.');
    expect(clean).toMatchObject({ results: [], invocations: [{ executionSuccessful: true }] });
    const broken = logOf(repository({ 'a.json': '{"type": "Microsoft.Logic/workflows"' }), '.');
    expect(broken).toMatchObject({ results: [], invocations: [{ executionSuccessful: false }] });
    expect(logOf(repository({}), 'none.json').invocations[0].toolExecutionNotifications).toHaveLength(1);
  });

  it('names rules that it explains, and files from the root of the repository', () => {
    const folder = repository({ 'infra/play books/ä#1.json': TEMPLATE });
    const { results, tool } = logOf(join(folder, 'infra'), '.');
    expect(results.length).toBeGreaterThan(1);
    for (const { ruleId, ruleIndex, locations } of results) {
      expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(locations[0].physicalLocation.artifactLocation).toEqual({
        uri: 'infra/play%20books/%C3%A4%231.json',
        uriBaseId: '%SRCROOT%',
      });
    }
  });

  it('tells what the deployment decides beside the results', () => {
    const run = logOf(repository({ 'a.json': TEMPLATE }), '.');
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual([
      'workflow-secure-outputs',
      'workflow-secure-outputs',
    ]);
    const [note] = run.invocations[0].toolExecutionNotifications;
    expect(note).toMatchObject({
      level: 'note',
      message: { text: expect.stringContaining('The deployment decides') as string },
    });
  });

  it('has fixes that do what --fix does', () => {
    const folder = repository({ 'a.json': TEMPLATE });
    const { results } = logOf(folder, '.');
    const lines = TEMPLATE.split('\n');
    const offsetOf = (line: number, column: number): number =>
      lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    const replacements = results
      .flatMap(({ fixes }) => fixes?.[0].artifactChanges[0].replacements ?? [])
      .map(({ deletedRegion: at, insertedContent }) => ({
        start: offsetOf(at.startLine, at.startColumn),
        end: offsetOf(at.endLine, at.endColumn),
        text: insertedContent.text,
      }))
      .sort((a, b) => b.start - a.start);
    const byHand = replacements.reduce(
      (text, { start, end, text: own }) => text.slice(0, start) + own + text.slice(end),
      TEMPLATE,
    );
    expect(byHand).not.toBe(TEMPLATE);
    holdfast(['check', '--fix', '.'], { cwd: folder });
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(byHand);
  });

  it('has fingerprints that stay where lines move, and differ from one another', () => {
    const folder = repository({ 'a.json': TEMPLATE });
    const prints = (): readonly string[] =>
      logOf(folder, '.').results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
    const before = prints();
    expect(new Set(before).size).toBe(before.length);
    writeFileSync(join(folder, 'a.json'), `\n\n${TEMPLATE}`);
    expect(prints()).toEqual(before);
  });
});
