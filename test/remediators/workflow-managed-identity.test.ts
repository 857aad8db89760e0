import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { workflowPut } from '../../src/engine/write/workflow-put.js';
import { unconfirmedEdits } from '../../src/engine/write/verify-edits.js';
import { workflowManagedIdentity } from '../../src/remediators/workflow-managed-identity.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import { getIgnoringCase, type Json, type JsonObject } from '../../src/types/json.js';
import type { WorkflowDocument } from '../../src/types/observation.js';
import { observeWorkflow } from '../workflow/workflow-observation.js';
import {
  actionThroughUnknown,
  connectionsRead,
  connectorAction,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  OTHER_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from '../workflow/workflow-of.js';

const connections = connectionsRead({ c: { apiId: KEY_VAULT_API, vaultName: 'payments', signIn: 'user' } });
const planOf = (workflow: WorkflowDocument, askedForByName = false) =>
  workflowManagedIdentity.plan(observeWorkflow(workflow, { connections, askedForByName }));
const named: WorkflowParts = { connections: { keyvault: reference('c') } };
const ID = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/a';
const assigned = { userAssignedIdentities: { [ID]: { principalId: 'p', clientId: 'c' } } };

type Written = readonly [path: string, before: Json, after: Json];
const WHOLE: Written = ['/identity', null, { type: 'SystemAssigned' }];

describe('workflow-managed-identity', () => {
  const rows: readonly (readonly [string, WorkflowParts, JsonObject, Written | null, string | null])[] = [
    [
      'compliant: its own identity',
      named,
      { identity: { type: 'SystemAssigned', principalId: 'p' } },
      null,
      null,
    ],
    ['compliant: its own, in another case', named, { Identity: { Type: 'systemassigned' } }, null, null],
    [
      'compliant: one that it was given',
      named,
      { identity: { type: 'UserAssigned', ...assigned } },
      null,
      null,
    ],
    [
      'compliant: both',
      named,
      { identity: { type: 'SystemAssigned, UserAssigned', ...assigned } },
      null,
      null,
    ],
    ['compliant: no vault', {}, {}, null, null],
    [
      'compliant: another connection',
      {
        connections: { mail: reference('m', OTHER_API) },
        actions: { A: connectorAction('/v2/Mail', 'mail') },
      },
      {},
      null,
      null,
    ],
    [
      'compliant: a vault that HTTP calls bring their own credentials to',
      { actions: { A: httpAction({ uri: 'https://kv1.vault.azure.net/secrets/x' }) } },
      {},
      null,
      null,
    ],
    ['missing: no identity', named, {}, WHOLE, null],
    ['missing: null', named, { identity: null }, WHOLE, null],
    [
      'drifted: None',
      named,
      { identity: { type: 'None' } },
      ['/identity/type', 'None', 'SystemAssigned'],
      null,
    ],
    ['half-set: no type', named, { identity: {} }, ['/identity/type', null, 'SystemAssigned'], null],
    [
      'half-set: keys as they are spelled',
      named,
      { Identity: { TYPE: ' none ', userAssignedIdentities: null } },
      ['/Identity/TYPE', ' none ', 'SystemAssigned'],
      null,
    ],
    [
      'an action through it, not in $connections',
      { actions: { A: connectorAction(GET_SECRET) } },
      {},
      WHOLE,
      null,
    ],
    ['an action that looks like it', { actions: { A: actionThroughUnknown(GET_SECRET) } }, {}, WHOLE, null],
    [
      'unexpected: None, and identities that it was given',
      named,
      { identity: { type: 'None', ...assigned } },
      ['/identity/type', 'None', 'SystemAssigned'],
      'do not fit together',
    ],
    [
      'unexpected: UserAssigned, and none given',
      named,
      { identity: { type: 'UserAssigned' } },
      ['/identity/type', 'UserAssigned', 'SystemAssigned'],
      'do not fit together',
    ],
    [
      'unexpected: a type that is not known',
      named,
      { identity: { type: 'Delegated' } },
      ['/identity/type', 'Delegated', 'SystemAssigned'],
      'do not fit together',
    ],
    [
      'hostile: an identity that is no object',
      named,
      { identity: [] },
      ['/identity', null, { type: 'SystemAssigned' }],
      'not an object',
    ],
    [
      'hostile: a type that is no text',
      named,
      { identity: { type: { a: 1 } } },
      ['/identity/type', { a: 1 }, 'SystemAssigned'],
      'do not fit together',
    ],
    [
      'secure parameters: refused',
      { ...named, declared: { p: { type: 'SecureString' } } },
      {},
      WHOLE,
      'secure parameters',
    ],
    [
      'a Recurrence without startTime: refused',
      { ...named, triggers: { R: { type: 'Recurrence' } } },
      {},
      WHOLE,
      'no startTime',
    ],
  ];
  test.each(rows)('%s', (_, parts, top, written, refused) => {
    const { edits, refusals, findings } = planOf({ ...workflowOf(parts), ...top });
    const shown = edits.map(({ path, before, after }) => [path, before, after]);
    expect(shown).toEqual(written === null || refused !== null ? [] : [written]);
    expect(refusals.map(({ reason }) => reason)).toEqual(
      refused === null ? [] : [expect.stringContaining(refused)],
    );
    const kept = refusals.flatMap((refusal) =>
      refusal.edits.map(({ path, before, after }) => [path, before, after]),
    );
    expect(kept).toEqual(refused === null ? [] : [written]);
    expect(findings).toEqual([]);
  });

  it('says that the new identity may read nothing yet, and that the write runs the workflow', () => {
    const workflow = workflowOf({ ...named, triggers: { R: { type: 'Recurrence' } } });
    expect(planOf(workflow, true).warnings).toEqual([
      expect.stringContaining('may read nothing'),
      expect.stringContaining('"R"'),
    ]);
  });

  const spliced: readonly (readonly [string, string])[] = [
    ['no identity', ''],
    ['null', '"identity": null, '],
    ['None', '"identity": { "type": "None" }, '],
  ];
  test.each(spliced)('is spliced in and found again in what ARM answers: %s', (_, identity) => {
    const text = `{ ${identity}"properties": ${JSON.stringify(workflowOf(named).properties)} }`;
    const workflow = { ...workflowOf(named), ...(JSON.parse(text) as JsonObject) };
    const { edits } = planOf(workflow);
    const sent = JSON.parse(workflowPut(text, edits)) as JsonObject;
    expect(sent.identity).toEqual({ type: 'SystemAssigned' });
    const answered = { ...sent, identity: { type: 'SystemAssigned', principalId: 'p', tenantId: 't' } };
    expect(unconfirmedEdits(answered, edits)).toEqual([]);
    expect(planOf({ ...workflow, ...answered }).edits).toEqual([]);
  });

  it('a plan that is applied leaves nothing but refusals to plan, and the identities that were given', () => {
    const types: readonly Json[] = [null, 'None', 'SystemAssigned', 'UserAssigned', 'x', 7];
    const users: readonly JsonObject[] = [{}, { userAssignedIdentities: {} }, assigned];
    const objects = types.flatMap((type) => users.map((more): JsonObject => ({ type, ...more })));
    const identity = fc.constantFrom(...([null, [], 'x', ...objects] as const));
    fc.assert(
      fc.property(identity, (generated) => {
        const workflow: WorkflowDocument = { ...workflowOf(named), identity: generated };
        const first = planOf(workflow);
        const after = applyEdits(workflow, first.edits);
        expect(planOf(after)).toEqual({ ...first, edits: [], warnings: [] });
        const given = (document: WorkflowDocument) =>
          getIgnoringCase(document.identity, 'userAssignedIdentities');
        expect(given(after)).toEqual(given(workflow));
      }),
    );
  });
});
