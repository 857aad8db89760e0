/** The handlers of all functions: what `main.ts` loads when the first of them runs. */
export { acceptFinding } from './accept-finding.js';
export { approve } from './approve.js';
export { audit } from './audit.js';
export { dashboard } from './dashboard.js';
export { deadLetters } from './dead-letters.js';
export { deliver } from './deliver.js';
export { exemption } from './exemption.js';
export { findings } from './findings.js';
export { health } from './health.js';
export { healthStatus } from './health-status.js';
export { policy } from './policy.js';
export { posture } from './posture.js';
export { reconcile } from './reconcile.js';
export { remediate } from './remediate.js';
export { replayDeadLetters } from './replay-dead-letters.js';
export { resourceChanged } from './resource-changed.js';
export { resources } from './resources.js';
export { secretFlow } from './secret-flow.js';
export { selfAudit } from './self-audit.js';
export { sweep } from './sweep.js';
export { undo } from './undo.js';
// What they all run in, and what ends it.
export { endTelemetry } from '../app.js';
export { traced } from './traced.js';
