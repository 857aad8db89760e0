import { z } from 'zod';
import type { AuditLog, AuditPage } from '../../engine/ports/audit-log.js';
import { readAppKey } from '../../settings/settings.js';
import { CommandError, EXIT } from '../exit-code.js';

const pageSchema = z.object({
  records: z.array(z.looseObject({ id: z.string(), time: z.string(), resourceId: z.string() })),
  continuationToken: z.string().nullable(),
});

const TIMEOUT_MS = 30_000;

/**
 * The records of a deployed app, by `GET /api/audit`. Its key is in HOLDFAST_KEY and goes into a header: an argument would
 * stand in the shell's history, and in a list of processes.
 */
export function appRecords(
  app: string,
  environment: Readonly<Record<string, string | undefined>>,
): Pick<AuditLog, 'query'> {
  const base = originOf(app);
  const key = readAppKey(environment);
  if (key === null) {
    throw new CommandError(
      'Set HOLDFAST_KEY to a function key of the app (az functionapp keys list has it).',
      EXIT.usage,
    );
  }
  return {
    async query(asked) {
      const url = new URL('/api/audit', base);
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, String(value));
      const answer = await ask(url, key);
      const page: unknown = await answer.json().catch(() => null);
      // As it came, with whatever a newer app says of a record.
      if (pageSchema.safeParse(page).success) return page as AuditPage;
      throw new CommandError(
        `${url.origin} does not answer as Holdfast does; is the URL right?`,
        EXIT.failed,
      );
    },
  };
}

async function ask(url: URL, key: string): Promise<Response> {
  try {
    const answer = await fetch(url, {
      headers: { 'x-functions-key': key },
      // A key must not follow somebody else's Location.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok) return answer;
    if (answer.status === 401 || answer.status === 403) {
      throw new CommandError(
        `${url.origin} does not take the key in HOLDFAST_KEY (${answer.status}).`,
        EXIT.denied,
      );
    }
    throw new CommandError(`${url.origin} answered ${answer.status}.`, EXIT.failed);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${url.origin} cannot be reached: check --app and the network.`, EXIT.failed);
  }
}

/** Keys are sent over https alone, but to this machine. */
function originOf(app: string): string {
  const url = URL.canParse(app) ? new URL(app) : null;
  const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (isLocal && url.protocol === 'http:')) return url.origin;
  throw new CommandError(
    '--app takes the URL of the function app, e.g. https://app.azurewebsites.net.',
    EXIT.usage,
  );
}
