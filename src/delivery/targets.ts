import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { DeliverySettings } from '../types/delivery-settings.js';
import type { DeliveryTarget } from './target.js';

/** Who the app is, and its way out. */
export interface Outside {
  readonly credential: TokenCredential;
  readonly http: HttpClient;
}

/** The targets that are set up, connected to nothing yet. What belongs to another is not even loaded. */
export async function createTargets(
  settings: DeliverySettings,
  { credential, http }: Outside,
): Promise<readonly DeliveryTarget[]> {
  const { eventGridTopic, logIngestion, archive } = settings;
  const targets: DeliveryTarget[] = [];
  if (eventGridTopic !== null) {
    const { createEventGrid } = await import('./event-grid.js');
    targets.push(createEventGrid(credential, http, eventGridTopic));
  }
  if (logIngestion !== null) {
    const { createLogAnalytics } = await import('./log-analytics.js');
    targets.push(createLogAnalytics(credential, http, logIngestion));
  }
  if (archive !== null) {
    const { createArchive } = await import('./archive.js');
    const { openArchiveContainer } = await import('./archive-container.js');
    targets.push(createArchive(openArchiveContainer(archive, credential)));
  }
  return targets;
}
