import type { HttpClient } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { DeliverySettings } from '../types/delivery-settings.js';
import { lazyTarget } from './lazy-target.js';
import type { DeliveryTarget } from './target.js';

/** Who the app is, and its way out. */
export interface Outside {
  readonly credential: TokenCredential;
  readonly http: HttpClient;
}

/** The targets that are set up, connected to nothing yet. What belongs to another is not even loaded. */
export function createTargets(
  settings: DeliverySettings,
  { credential, http }: Outside,
): readonly DeliveryTarget[] {
  const { eventGridTopic, logIngestion, archive } = settings;
  const targets: DeliveryTarget[] = [];
  if (eventGridTopic !== null) {
    const load = async () =>
      (await import('./event-grid.js')).createEventGrid(credential, http, eventGridTopic);
    targets.push(lazyTarget('event-grid', 100, load));
  }
  if (logIngestion !== null) {
    const load = async () =>
      (await import('./log-analytics.js')).createLogAnalytics(credential, http, logIngestion);
    targets.push(lazyTarget('log-analytics', 200, load));
  }
  if (archive !== null) {
    const load = async () => {
      const { createArchive } = await import('./archive.js');
      const { openArchiveContainer } = await import('./archive-container.js');
      return createArchive(openArchiveContainer(archive, credential));
    };
    targets.push(lazyTarget('archive', 100, load));
  }
  return targets;
}
