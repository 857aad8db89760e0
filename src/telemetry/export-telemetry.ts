import { ManagedIdentityCredential } from '@azure/identity';
import { shutdownAzureMonitor, useAzureMonitor } from '@azure/monitor-opentelemetry';

export interface TelemetrySettings {
  /** Of Application Insights. Where its local authentication is off it opens nothing by itself. */
  readonly connectionString: string;
  /** Whether to sign in with the managed identity. */
  readonly isByIdentity: boolean;
  /** Of the user-assigned identity; null for the system-assigned one. */
  readonly clientId: string | null;
}

/**
 * Sends traces and metrics to Application Insights from now on. This file is a bundle of its own, of several megabytes,
 * which nobody loads who has not configured it. Gives what sends the rest and ends it.
 */
export function exportTelemetry(settings: TelemetrySettings): () => Promise<void> {
  const { connectionString, isByIdentity, clientId } = settings;
  const off = { enabled: false };
  useAzureMonitor({
    // Whole traces, unless OTEL_TRACES_SAMPLER says otherwise: its own limit of five in a second leaves spans out of them.
    samplingRatio: 1,
    tracesPerSecond: 0,
    azureMonitorExporterOptions: {
      connectionString,
      // What could not be sent would lie on the disk of an instance that is gone tomorrow.
      disableOfflineStorage: true,
      ...(isByIdentity
        ? { credential: new ManagedIdentityCredential(clientId === null ? {} : { clientId }) }
        : {}),
    },
    // Its instrumentations change modules while these are required, which a bundle never does; the app tells by itself.
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
    },
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
  });
  return shutdownAzureMonitor;
}
