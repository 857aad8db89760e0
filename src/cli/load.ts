/**
 * What commands do, each part in a bundle of its own: `--help` and `check` load no client of Azure. A command imports this
 * file and not those, so that the way to them is the same in the sources and in what is built.
 */
export const offline = () => import('./offline.js');
export const online = () => import('./online.js');
