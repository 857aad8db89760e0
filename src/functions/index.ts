/** The handlers of all functions: what `main.ts` loads when the first of them runs. */
export { acceptFinding } from './accept-finding.js';
export { approve } from './approve.js';
export { audit } from './audit.js';
export { findings } from './findings.js';
export { posture } from './posture.js';
export { reconcile } from './reconcile.js';
export { remediate } from './remediate.js';
export { resourceChanged } from './resource-changed.js';
export { selfAudit } from './self-audit.js';
export { sweep } from './sweep.js';
export { undo } from './undo.js';
