import type { Answer, Api } from './api.js';

/** What the page can have done, each by a route of its own, that a key may open or not. */
export const DEEDS = ['remediate', 'approve', 'accept', 'undo', 'exempt', 'flow'] as const;
export type Deed = (typeof DEEDS)[number];

/** Whether whoever looks at the page may; `why` is a sentence. */
export type Ability = { readonly may: true } | { readonly may: false; readonly why: string };
export type Abilities = Readonly<Record<Deed, Ability>>;

const ROUTES: Readonly<Record<Deed, (api: Api) => Promise<Answer<unknown>>>> = {
  remediate: (api) => api.post('remediate', {}),
  approve: (api) => api.post('approve', {}),
  accept: (api) => api.post('findings/accept', {}),
  undo: (api) => api.get('audit/-/undo'),
  exempt: (api) => api.get('exemption'),
  flow: (api) => api.get('secret-flow'),
};

const NAMES: Readonly<Record<Deed, string>> = {
  remediate: 'POST /api/remediate',
  approve: 'POST /api/approve',
  accept: 'POST /api/findings/accept',
  undo: 'GET /api/audit/{id}/undo',
  exempt: 'GET /api/exemption',
  flow: 'GET /api/secret-flow',
};

export const NOT_TOLD: Ability = { may: false, why: 'It is being found out whether you may.' };

/**
 * Asks each route for something that it refuses as bad input, before it reads or changes anything: whoever gets to hear
 * that, may. A key may open one function and not another, and approving asks for a sign-in and a role; only the route
 * itself knows.
 */
export async function findAbilities(api: Api): Promise<Abilities> {
  const found = await Promise.all(
    DEEDS.map(async (deed) => [deed, abilityOf(deed, await ROUTES[deed](api))] as const),
  );
  return Object.fromEntries(found) as Record<Deed, Ability>;
}

function abilityOf(deed: Deed, answer: Answer<unknown>): Ability {
  switch (answer.kind) {
    case 'locked':
      return { may: false, why: `Your key does not open ${NAMES[deed]}: it is the key of other functions.` };
    case 'unreachable':
      return { may: false, why: answer.why };
    case 'problem':
      return answer.status === 400 ? { may: true } : { may: false, why: answer.why };
    case 'ok':
      // No route takes this for good input.
      return { may: false, why: `${NAMES[deed]} did not answer as this page knows it.` };
  }
}
