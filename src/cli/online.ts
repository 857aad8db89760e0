/** What the commands that talk to Azure do; a bundle of its own, with the engine and the clients. */
export { sweep } from './online/sweep.js';
export { fix } from './online/fix.js';
export { audit } from './online/audit.js';
