import { z } from 'zod';
import type { ArmAnswer, ArmCall } from '../arm/arm-call.js';
import { ArmFailure, badRequest } from '../arm/arm-error.js';
import { defineType } from '../documents/define-type.js';
import { documentText } from '../documents/document-text.js';
import type { Document, DocumentCall } from '../documents/document-type.js';
import { at } from '../json.js';
import { guidOf } from '../random.js';
import { isLocked } from './worm-protection.js';

const Properties = z.strictObject({
  immutabilityPeriodSinceCreationInDays: z.int().min(1).max(146_000).optional(),
  allowProtectedAppendWrites: z.boolean().optional(),
  allowProtectedAppendWritesAll: z.boolean().optional(),
});

/**
 * https://learn.microsoft.com/azure/templates/microsoft.storage/2023-05-01/storageaccounts/blobservices/containers/immutabilitypolicies
 * Once it is locked, extending it is the only thing that can be done with it:
 * https://learn.microsoft.com/rest/api/storagerp/blob-containers/lock-immutability-policy
 */
export const IMMUTABILITY_POLICY = defineType({
  type: 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
  apiVersions: ['2023-05-01'],
  name: /^default$/,
  body: z.strictObject({ properties: Properties }),
  check(call, { properties }) {
    if (properties.allowProtectedAppendWrites === true && properties.allowProtectedAppendWritesAll === true) {
      throw badRequest(
        'allowProtectedAppendWrites and allowProtectedAppendWritesAll are mutually exclusive.',
      );
    }
    demandUnlocked(call, properties);
  },
  generated: ({ existing }) => ({
    state: existing !== undefined && isLocked(existing) ? 'Locked' : 'Unlocked',
  }),
  /** Only the container takes a locked one with it: https://learn.microsoft.com/rest/api/storagerp/blob-containers/delete-immutability-policy */
  demandDeletable(_, policy) {
    if (isLocked(policy)) throw policyLocked();
  },
  shown: (policy) => ({ ...policy.content, etag: etagOf(policy) }),
  actions: { lock },
});

function demandUnlocked({ world, existing }: DocumentCall, wanted: z.infer<typeof Properties>): void {
  if (existing === undefined || !isLocked(existing)) return;
  const isSame = Object.entries(wanted).every(
    ([name, value]) => at(existing.content.properties, name) === value,
  );
  if (isSame && world.switches.values.lockedImmutabilityPolicy === 'same-accepted') return;
  throw policyLocked();
}

/** Another one for each content. https://learn.microsoft.com/rest/api/storagerp/blob-containers/get-immutability-policy */
function etagOf({ key, content }: Document): string {
  return `"${guidOf(`etag:${key}:${JSON.stringify(content)}`)
    .replaceAll('-', '')
    .slice(0, 15)
    .toUpperCase()}"`;
}

function policyLocked(): ArmFailure {
  return new ArmFailure(
    409,
    'ContainerImmutabilityPolicyFailure',
    'Operation not allowed on immutability policy with current state.',
  );
}

function lock({ world }: ArmCall, document: Document): ArmAnswer {
  const properties = { ...document.content.properties, state: 'Locked' };
  const locked: Document = { ...document, content: { ...document.content, properties } };
  const [before, after] = [documentText(document), documentText(locked)];
  const store = (): void => {
    world.documents.put(locked);
  };
  const change = { kind: 'extension', before, after, store } as const;
  const effect = { resourceId: document.id, child: '/lock', event: 'Action', isNew: false, change } as const;
  return { status: 200, body: after, effect };
}
