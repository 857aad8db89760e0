/** What the commands that need no network do; a bundle of its own, without any client of Azure. */
export { check } from './check/check.js';
export { tellFlow } from './explain/explain.js';
export { explainFile } from './explain/explain-file.js';
