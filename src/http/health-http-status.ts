import type { Health } from '../app.js';

/** What a probe goes by: degraded still works, and to restart it would help nobody. */
export function healthHttpStatus({ status }: Pick<Health, 'status'>): 200 | 503 {
  return status === 'unhealthy' ? 503 : 200;
}
