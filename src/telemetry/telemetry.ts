import { traceAzureSdk } from './azure-sdk-spans.js';
import { renewInstruments } from './instruments.js';
import type { TelemetrySettings } from './export-telemetry.js';

type Environment = Readonly<Record<string, string | undefined>>;

let starting: Promise<void> | undefined;
let end: (() => Promise<void>) | undefined;

/**
 * Starts telemetry, once, where Application Insights is configured (`APPLICATIONINSIGHTS_CONNECTION_STRING`). Never rejects: an app
 * that cannot tell what it does still does it, and `log` says what is wrong.
 */
export function ensureTelemetry(environment: Environment, log: (line: string) => void): Promise<void> {
  return (starting ??= start(environment).catch((error: unknown) => {
    const why = error instanceof Error ? error.name : 'unknown';
    log(
      `Telemetry did not start (${why}): is APPLICATIONINSIGHTS_CONNECTION_STRING that of Application Insights?`,
    );
  }));
}

/** Sends what is left, where there is telemetry. */
export async function endTelemetry(): Promise<void> {
  await end?.().catch(() => undefined);
}

async function start(environment: Environment): Promise<void> {
  const settings = settingsIn(environment);
  if (settings === null) return;
  const { exportTelemetry } = await import('./export-telemetry.js');
  end = exportTelemetry(settings);
  renewInstruments();
  traceAzureSdk();
}

/**
 * As the Functions host reads them
 * (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string).
 */
export function settingsIn(environment: Environment): TelemetrySettings | null {
  const connectionString = environment['APPLICATIONINSIGHTS_CONNECTION_STRING']?.trim() ?? '';
  if (connectionString === '') return null;
  const parts = (environment['APPLICATIONINSIGHTS_AUTHENTICATION_STRING'] ?? '')
    .split(';')
    .map((part) => part.trim());
  const clientId = parts.flatMap((part) => /^ClientId=(.+)$/i.exec(part)?.[1] ?? [])[0] ?? null;
  return {
    connectionString,
    isByIdentity: parts.some((part) => /^Authorization=AAD$/i.test(part)),
    clientId,
  };
}
