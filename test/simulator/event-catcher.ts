import type { CallWebhook } from '../../simulator/event-grid/webhook.js';

export interface CaughtEvent {
  readonly subject: string;
  readonly eventType: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A webhook without a socket: it accepts every subscription and keeps what is delivered. */
export function catchEvents(): { readonly call: CallWebhook; readonly events: readonly CaughtEvent[] } {
  const events: CaughtEvent[] = [];
  const call: CallWebhook = ({ body }) => {
    const delivered = JSON.parse(body) as readonly CaughtEvent[];
    const validationResponse = delivered[0]?.data.validationCode;
    if (validationResponse === undefined) events.push(...delivered);
    return Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ validationResponse }) });
  };
  return { call, events };
}
