/** What the commands that need no network do; a bundle of its own, without any client of Azure. */
export { check } from './check/check.js';
