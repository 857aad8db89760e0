import { managedIdentity, type Application } from '../../simulator/principal.js';

/** Who the app is in the simulated Azure. */
export const HOLDFAST: Application = managedIdentity('holdfast');
