import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { version } from '../../../../package.json';
import { RULES } from '../../../template/rules.js';
import type { Region } from '../../../template/locate.js';
import { jsonText } from '../../output/json-text.js';
import { pathFrom } from '../source-root.js';
import type { FileError, FileReport, Format, ReportedFinding, ReportedUndecided } from '../report.js';

const REPOSITORY = 'https://github.com/holdfast-dev/holdfast';
const SOURCE_ROOT = '%SRCROOT%';

const LEVELS = { high: 'error', medium: 'warning', low: 'note' } as const;
/** GitHub ranks alerts by this, from 0 to 10. */
const SECURITY_SEVERITY = { high: '8.0', medium: '5.5', low: '2.0' } as const;

/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html) as GitHub's code scanning takes it
 * (https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
 * What only the deployment decides is a notification: code scanning would make an alert of a result.
 */
export function sarifFormat(root: string): Format {
  return { file: () => '', end: (reports) => jsonText(logOf(reports, root)) };
}

function logOf(reports: readonly FileReport[], root: string): unknown {
  const findings = reports.flatMap((report) => report.findings).filter(({ isMended }) => !isMended);
  const counts = new Map<string, number>();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'holdfast',
            version,
            semanticVersion: version,
            informationUri: REPOSITORY,
            rules: RULES.map(ruleOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [SOURCE_ROOT]: { description: { text: 'The root of the repository.' } } },
        invocations: [
          {
            executionSuccessful: reports.every(({ error }) => error === null),
            toolExecutionNotifications: reports.flatMap(({ undecided, error }) => [
              ...undecided.map((one) => undecidedNotification(one, root)),
              ...(error === null ? [] : [errorNotification(error, root)]),
            ]),
          },
        ],
        results: findings.map((finding) => resultOf(finding, root, counts)),
      },
    ],
  };
}

function ruleOf({ id, title, help, step, severity, doc }: (typeof RULES)[number]): unknown {
  return {
    id,
    name: id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: `${title}. ${help}` },
    help: { text: `${help} ${step}`, markdown: `${help}\n\n${step}` },
    helpUri: `${REPOSITORY}/blob/main/${doc}`,
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security'], precision: 'high', 'security-severity': SECURITY_SEVERITY[severity] },
  };
}

function resultOf(finding: ReportedFinding, root: string, counts: Map<string, number>): unknown {
  const { rule, severity, message, step, path, region, pointer, fixes, resource, obstacle } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: LEVELS[severity],
    message: { text: `${message} ${step}` },
    locations: [
      {
        physicalLocation: { artifactLocation: artifactOf(path, root), region: regionOf(region) },
        logicalLocations: [{ fullyQualifiedName: pointer }],
      },
    ],
    partialFingerprints: { 'holdfastFinding/v1': fingerprintOf(finding, root, counts) },
    ...(fixes.length === 0
      ? {}
      : {
          fixes: [
            {
              description: { text: step },
              artifactChanges: [
                {
                  artifactLocation: artifactOf(path, root),
                  replacements: fixes.map(({ deleted, inserted }) => ({
                    deletedRegion: regionOf(deleted),
                    insertedContent: { text: inserted },
                  })),
                },
              ],
            },
          ],
        }),
    properties: { resource, ...(obstacle === null ? {} : { obstacle }) },
  };
}

/** The same for the same thing, wherever in the file it has been moved to. */
function fingerprintOf(
  { rule, path, resource, about }: ReportedFinding,
  root: string,
  counts: Map<string, number>,
): string {
  const what = JSON.stringify([rule, pathFrom(root, path) ?? path, resource, about]);
  const count = (counts.get(what) ?? 0) + 1;
  counts.set(what, count);
  return createHash('sha256').update(`${what} ${count}`).digest('hex').slice(0, 32);
}

function undecidedNotification(
  { rule, message, step, path, region }: ReportedUndecided,
  root: string,
): unknown {
  return {
    level: 'note',
    message: { text: `${message} ${step}` },
    associatedRule: { id: rule, index: RULES.findIndex(({ id }) => id === rule) },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(path, root), region: regionOf(region) } }],
  };
}

function errorNotification({ path, region, message }: FileError, root: string): unknown {
  const place = {
    artifactLocation: artifactOf(path, root),
    ...(region === null ? {} : { region: regionOf(region) }),
  };
  return { level: 'error', message: { text: message }, locations: [{ physicalLocation: place }] };
}

function artifactOf(path: string, root: string): Record<string, string> {
  const from = pathFrom(root, path);
  if (from === null) return { uri: pathToFileURL(path).href };
  return { uri: from.split('/').map(encodeURIComponent).join('/'), uriBaseId: SOURCE_ROOT };
}

function regionOf({ start, end }: Region): Record<string, number> {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}
