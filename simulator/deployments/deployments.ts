import type { ArmResponse } from '../arm/arm-message.js';
import type { JsonObject } from '../json.js';
import type { Principal } from '../principal.js';

/** A deployment as a GET shows it. */
export interface Deployment {
  readonly id: string;
  readonly name: string;
  /** Where its data is; null for one to a resource group. */
  readonly location: string | null;
  readonly state: 'Running' | 'Succeeded' | 'Failed';
  readonly correlationId: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly parameters: JsonObject;
  readonly outputs: JsonObject;
  /** The ids of what it deployed. */
  readonly outputResources: readonly string[];
  readonly error: DeploymentError | null;
}

export interface DeploymentError {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly DeploymentError[];
}

/** Sends a request to ARM on somebody's behalf. */
export type Act = (
  request: { readonly method: string; readonly path: string; readonly body: string },
  principal: Principal,
) => Promise<ArmResponse>;

/** The deployments there were. Each is run by whoever starts it. */
export class Deployments {
  readonly #all = new Map<string, Deployment>();
  readonly #running = new Map<string, Promise<void>>();
  #isSlow: (id: string) => boolean = () => false;

  constructor(readonly act: Act) {}

  find(id: string): Deployment | undefined {
    return this.#all.get(id.toLowerCase());
  }

  /** The history of a resource group goes with it. */
  removeUnder(scope: string): void {
    const prefix = `${scope.toLowerCase()}/`;
    for (const id of this.#all.keys()) if (id.startsWith(prefix)) this.#all.delete(id);
  }

  /** Azure deploys at once what does not depend on one another; what is slow is begun when nothing else is left. */
  get isSlow(): (id: string) => boolean {
    return this.#isSlow;
  }

  /** From now on the resources with such ids take long: whatever may be deployed before them is. */
  slow(isSlow: (id: string) => boolean): void {
    this.#isSlow = isSlow;
  }

  start(deployment: Deployment, run: () => Promise<Deployment>): void {
    const key = deployment.id.toLowerCase();
    this.#all.set(key, deployment);
    const running = run().then((ended) => {
      this.#all.set(key, ended);
      this.#running.delete(key);
    });
    // A fault of the simulator itself is for whoever waits.
    running.catch(() => undefined);
    this.#running.set(key, running);
  }

  /** The deployment once it has ended; undefined where there is none. */
  async ended(id: string): Promise<Deployment | undefined> {
    await this.#running.get(id.toLowerCase());
    return this.find(id);
  }
}
