import { STORAGE_SERVICES } from '../ports/health.js';
import type { Check, HealthDeps } from './check.js';

/** Whether the storage account's services take what Holdfast has to write. Without any of them nothing is changed. */
export async function checkStorage({ probeStorage }: Pick<HealthDeps, 'probeStorage'>): Promise<Check> {
  const problems = await Promise.all(STORAGE_SERVICES.map(probeStorage));
  const found = problems.filter((problem) => problem !== null);
  const services = Object.fromEntries(
    STORAGE_SERVICES.map((service, i) => [service, problems[i] === null ? 'healthy' : 'unhealthy']),
  );
  return found.length === 0
    ? { name: 'storage', status: 'healthy', detail: 'Tables, queues and blobs can be written.', services }
    : { name: 'storage', status: 'unhealthy', detail: [...new Set(found)].join(' '), services };
}
