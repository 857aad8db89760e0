import { allowMe as doAllowMe } from './online/allow-me.js';
import { audit as doAudit } from './online/audit.js';
import { explain as doExplain } from './online/explain.js';
import { explained } from './online/explained.js';
import { fix as doFix } from './online/fix.js';
import { sweep as doSweep } from './online/sweep.js';
import { undo as doUndo } from './online/undo.js';

/** What the commands that talk to Azure do; a bundle of its own, with the engine and the clients. */
export const allowMe = explained(doAllowMe);
export const audit = explained(doAudit);
export const explain = explained(doExplain);
export const fix = explained(doFix);
export const sweep = explained(doSweep);
export const undo = explained(doUndo);
