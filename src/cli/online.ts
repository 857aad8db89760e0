/** What the commands that talk to Azure do; a bundle of its own, with the engine and the clients. */
export { allowMe } from './online/allow-me.js';
export { audit } from './online/audit.js';
export { explain } from './online/explain.js';
export { fix } from './online/fix.js';
export { sweep } from './online/sweep.js';
export { undo } from './online/undo.js';
