import { managedIdentity, type Application } from '../../simulator/principal.js';

export const ARM_URL = 'https://management.chaos';

/** Who the app is in the simulated Azure. */
export const HOLDFAST: Application = managedIdentity('holdfast');
