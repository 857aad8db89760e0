import { isJsonObject, getIgnoringCase, type Json, type JsonObject } from '../types/json.js';
import type { ConnectionFacts } from '../types/observation.js';
import { readConnectionFacts } from '../workflow/connections.js';
import { secretFlowOf } from '../workflow/flow/secret-flow.js';
import { readsOf } from '../workflow/vault-reads.js';
import { checkConnection } from './check-connection.js';
import { checkSecrets, checkVaultSecret } from './check-secrets.js';
import { checkVault, type ReadVaults } from './check-vault.js';
import { checkWorkflow, workflowIdOf, type Beside } from './check-workflow.js';
import { NOTHING, together, type Checked, type CheckFinding, type Part } from './checked.js';
import { withUnknownCalls } from './holes.js';
import type { JsonDocument } from './json-document.js';
import { kindOf, type DocumentKind } from './kind.js';
import { checkParameterFile } from './parameter-secrets.js';
import { partsOf, type TemplatePart } from './resources.js';
import { standInId } from './stand-ins.js';
import { codeViewSubject, definitionSubject, exportedSubject, subjectOf, type Subject } from './subject.js';

/**
 * What is wrong in a file; null where it is nothing that is checked. Pure: `now` is for exemptions that run out. Throws
 * `TooMuchError` of scope.ts.
 */
export function checkDocument({ value, text }: JsonDocument, now: Date): Checked | null {
  const kind = kindOf(value);
  if (kind === null) return null;
  if (kind === 'parameters') return { kind, ...checkParameterFile(value as JsonObject) };
  const parts = kind === 'template' ? partsOf(value as JsonObject) : [];
  const subjects = subjectsIn(kind, value, parts);
  const found = together([...checkSubjects(subjects, text, now), ...parts.map(checkSecrets)]);
  return { kind, ...found, findings: onceEach(found.findings) };
}

function subjectsIn(
  kind: Exclude<DocumentKind, 'parameters'>,
  value: Json,
  parts: readonly TemplatePart[],
): readonly Subject[] {
  switch (kind) {
    case 'template':
      return parts.flatMap(({ resources }) => resources).flatMap((resource) => subjectOf(resource) ?? []);
    case 'resource':
      return isJsonObject(value) ? [exportedSubject(value, '')].filter((subject) => subject !== null) : [];
    case 'resources': {
      const [list, pointer] = Array.isArray(value)
        ? [value, '']
        : [getIgnoringCase(value, 'value'), '/value'];
      return (Array.isArray(list) ? (list as readonly Json[]) : []).flatMap(
        (item, at) => (isJsonObject(item) ? exportedSubject(item, `${pointer}/${at}`) : null) ?? [],
      );
    }
    case 'code-view':
      return [codeViewSubject(value as JsonObject)];
    case 'definition':
      return [definitionSubject(value as JsonObject)];
  }
}

interface Workflow {
  readonly subject: Subject;
  readonly document: JsonObject;
}

function checkSubjects(subjects: readonly Subject[], text: string, now: Date): readonly Part[] {
  const connections = connectionsAmong(subjects);
  const workflows = subjects
    .filter(({ kind }) => kind === 'workflow')
    .map((subject): Workflow => {
      const document = subject.scope === null ? subject.document : withUnknownCalls(subject.document);
      return { subject, document: document as JsonObject };
    });
  const beside = flowsAmong(workflows, connections);
  const readVaults: ReadVaults = new Set(
    workflows.flatMap(({ document }) =>
      readsOf(document, connections).reads.map(({ vaultName }) => vaultName),
    ),
  );
  return [
    ...workflows.map((workflow) =>
      checkWorkflow(workflow.subject, workflow.document, beside(workflow), text, now),
    ),
    ...subjects.map((subject) => {
      switch (subject.kind) {
        case 'vault':
          return checkVault(subject, readVaults, text, now);
        case 'connection':
          return checkConnection(subject);
        case 'vault-secret':
          return checkVaultSecret(subject);
        case 'workflow':
          return NOTHING;
      }
    }),
  ];
}

function connectionsAmong(subjects: readonly Subject[]): ReadonlyMap<string, ConnectionFacts> {
  return new Map(
    subjects
      .filter(({ kind }) => kind === 'connection')
      .map(({ document }) => {
        const given = document.id;
        const name = typeof document.name === 'string' ? document.name : '';
        const id = typeof given === 'string' ? given : standInId('Microsoft.Web/connections', name);
        return [id.toLowerCase(), readConnectionFacts(document)] as const;
      }),
  );
}

/** What secrets pass between the workflows of a file. Each is looked at once without the others; that is how far it is told. */
function flowsAmong(
  workflows: readonly Workflow[],
  connections: ReadonlyMap<string, ConnectionFacts>,
): (workflow: Workflow) => Beside {
  const flows = workflows.map(({ subject, document }) => {
    const { returnsSecret, handsSecretTo } = secretFlowOf(document, connections);
    return { key: workflowIdOf(subject).key, returnsSecret, handsSecretTo };
  });
  const returning = new Set(flows.filter((flow) => flow.returnsSecret).map(({ key }) => key));
  const handed = new Set(
    flows.flatMap(({ handsSecretTo }) => handsSecretTo.map(({ workflowId }) => workflowId)),
  );
  return ({ subject }) => ({
    connections,
    flowBetween: { returnsSecret: returning, receivesSecret: handed.has(workflowIdOf(subject).key) },
  });
}

/** What several places use is told where it stands, and once: by the first rule that says it. */
function onceEach(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, pointer, about, message }) => {
    const isSecret = rule.endsWith('-plaintext-secrets');
    const key = isSecret ? `secret ${pointer}` : `${rule} ${pointer} ${about} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
