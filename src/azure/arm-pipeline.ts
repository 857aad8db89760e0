import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import { LogicManagementClient } from '@azure/arm-logic';
import {
  retryPolicy,
  type HttpClient,
  type Pipeline,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Pacer } from './pacer.js';
import { tellRequests } from '../telemetry/tell-requests.js';
import { createPacing, type Pacing } from './pacing.js';
import { MOST_RETRIES, readRetryStrategy } from './read-retry.js';

/** Sends one request to ARM, authenticated; rejects only where no answer came. */
export interface SendToArm {
  (request: PipelineRequest): Promise<PipelineResponse>;
  /** Whose rights the requests have, for messages. */
  readonly signedInAs: string;
}

/** Who the app signs in as. */
const OWN_IDENTITY = "Holdfast's identity";

export interface ArmPipelines {
  readonly keyVault: SendToArm;
  /** Workflows, and connections: there is no client for Microsoft.Web/connections. */
  readonly logic: SendToArm;
}

/** The same pipelines for who must not wait and for who can. */
export interface PacedPipelines {
  readonly urgent: ArmPipelines;
  readonly sweep: ArmPipelines;
}

/** Both clients need some subscription to be built; the requests sent through them name their own. */
const ANY_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';

/**
 * The official clients' own pipelines (authentication, claims challenges, user agent, proxy), for raw JSON: their
 * models drop what they do not know, on reading and on writing.
 */
export function createArmPipelines(
  armEndpoint: string,
  credential: TokenCredential,
  http: HttpClient,
  pacer: Pacer,
  signedInAs = OWN_IDENTITY,
): PacedPipelines {
  const scope = `${armEndpoint}/.default`;
  const options = {
    endpoint: armEndpoint,
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  };
  const keyVault = new KeyVaultManagementClient(credential, ANY_SUBSCRIPTION, {
    ...options,
    credentials: { scopes: [scope] },
  });
  const logic = new LogicManagementClient(credential, ANY_SUBSCRIPTION, {
    ...options,
    credentialScopes: scope,
  });
  const paced = (pacing: Pacing, isPatient: boolean): ArmPipelines => {
    const senderOver = ({ pipeline }: { readonly pipeline: Pipeline }): SendToArm =>
      Object.assign(rawSender(pipeline, http, pacing, isPatient), { signedInAs });
    return { keyVault: senderOver(keyVault), logic: senderOver(logic) };
  };
  return {
    urgent: paced(createPacing(pacer, 'read'), false),
    sweep: paced(createPacing(pacer, 'sweep'), true),
  };
}

function rawSender(
  original: Pipeline,
  http: HttpClient,
  pacing: Pacing,
  isPatient: boolean,
): (request: PipelineRequest) => Promise<PipelineResponse> {
  const pipeline = original.clone();
  // The models' (de)serialisers would parse what is to stay text; the version is in each URL.
  pipeline.removePolicy({ name: 'serializationPolicy' });
  pipeline.removePolicy({ name: 'deserializationPolicy' });
  pipeline.removePolicy({ name: 'ApiVersionPolicy' });
  // ARM does not redirect; a token must not follow somebody else's Location.
  pipeline.removePolicy({ name: 'redirectPolicy' });
  pipeline.addPolicy(retryPolicy([readRetryStrategy(isPatient)], { maxRetries: MOST_RETRIES }), {
    phase: 'Retry',
  });
  pipeline.addPolicy(pacing.policy, { afterPhase: 'Retry' });
  pipeline.addPolicy(tellRequests, { afterPhase: 'Retry', afterPolicies: [pacing.policy.name] });
  const gate = pacing.gate(http);
  return (request) => pipeline.sendRequest(gate, request);
}
