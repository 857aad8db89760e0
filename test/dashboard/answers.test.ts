import { describe, expectTypeOf, it } from 'vitest';
import type * as page from '../../src/dashboard/answers.js';
import type { PolicyInForce } from '../../src/app.js';
import type { Exempting } from '../../src/engine/exempting.js';
import type { FindingsPage } from '../../src/engine/findings.js';
import type { Health } from '../../src/engine/health/health.js';
import type { Remediation } from '../../src/engine/look/look.js';
import type { AuditPage } from '../../src/engine/ports/audit-log.js';
import type { Posture } from '../../src/engine/posture.js';
import type { ResourcesPage } from '../../src/engine/resources.js';
import type { Undo } from '../../src/engine/undo/undo.js';
import type { FlowMap } from '../../src/workflow/flow/flow-map.js';

/** The page is a program of its own; what it reads of the app's answers is held here to be in them. Checked by `npm run types`. */
describe('the app’s answers', () => {
  it('have what the page reads', () => {
    expectTypeOf<PolicyInForce>().toExtend<page.Policy>();
    expectTypeOf<Posture>().toExtend<page.Posture>();
    expectTypeOf<AuditPage>().toExtend<page.RecordsPage>();
    expectTypeOf<FindingsPage>().toExtend<page.FindingsPage>();
    expectTypeOf<ResourcesPage>().toExtend<page.ResourcesPage>();
    expectTypeOf<Remediation>().toExtend<page.Remediation>();
    expectTypeOf<Undo>().toExtend<page.Undo>();
    expectTypeOf<Exempting>().toExtend<page.Exempting>();
    expectTypeOf<Health>().toExtend<page.Health>();
    expectTypeOf<FlowMap>().toExtend<page.SecretFlow>();
  });
});
