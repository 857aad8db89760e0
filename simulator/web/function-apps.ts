import type { Document } from '../documents/document-type.js';
import { identitiesOf, identityAt } from '../documents/resource-identity.js';
import { at, entriesOf } from '../json.js';
import type { Application } from '../principal.js';
import type { World } from '../world.js';
import { hostProblem } from './host-problem.js';

/** The function apps: what is deployed to each, with which settings it starts and where it answers. */
export class FunctionApps {
  readonly #packages = new Map<string, readonly string[]>();
  readonly #code = new Map<string, readonly string[]>();
  readonly #hosts = new Map<string, string>();
  readonly #headers = new Map<string, string>();

  constructor(
    private readonly world: () => World,
    private readonly identityEndpoint: () => string,
  ) {}

  /** Says which functions the package at a URL has. */
  publish(packageUri: string, functions: readonly string[]): void {
    this.#packages.set(packageUri, functions);
  }

  packageAt(packageUri: string): readonly string[] | undefined {
    return this.#packages.get(packageUri);
  }

  /** Puts code on a site, as a pipeline or azd does. */
  deploy(siteId: string, functions: readonly string[]): void {
    this.demandSite(siteId);
    this.#code.set(siteId.toLowerCase(), functions);
  }

  /** The app settings of a site, as its processes have them in their environment. */
  settings(siteId: string): Readonly<Record<string, string>> {
    this.demandSite(siteId);
    const settings = this.world().documents.find(`${siteId}/config/appsettings`)?.content.properties;
    return Object.fromEntries(entriesOf(settings).map(([name, value]) => [name, String(value)]));
  }

  /**
   * What App Service adds to a site's environment, for its identities (who asks with this header is the site) and of its
   * authentication.
   * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
   */
  environment(siteId: string): Readonly<Record<string, string>> {
    const { key } = this.demandSite(siteId);
    const header = this.#headers.get(key) ?? this.world().random.guid().replaceAll('-', '').toUpperCase();
    this.#headers.set(key, header);
    return {
      IDENTITY_ENDPOINT: this.identityEndpoint(),
      IDENTITY_HEADER: header,
      ...authEnvironment(this.world(), siteId),
    };
  }

  /** The identities of the site that has a header; undefined where none has it. */
  identitiesWith(header: string): readonly Application[] | undefined {
    const key = [...this.#headers].find(([, known]) => known === header)?.[0];
    const site = key === undefined ? undefined : this.world().documents.find(key);
    if (site === undefined) return undefined;
    return identitiesOf(site.content.identity).flatMap((id) => {
      const ids = identityAt(this.world(), id);
      if (ids === undefined) return [];
      const { principalId: objectId, clientId: appId, name } = ids;
      return [{ kind: 'managedIdentity', objectId, appId, name, ip: null } as const];
    });
  }

  /** Says where a site answers; its events are delivered there from now on. */
  serve(siteId: string, hostUrl: string): void {
    this.#hosts.set(this.demandSite(siteId).key, hostUrl);
  }

  /** Where a site answers; null while nobody has said so. */
  hostUrl(siteId: string): string | null {
    return this.#hosts.get(siteId.toLowerCase()) ?? null;
  }

  /** Why a site's host would not start; null where it would. */
  problem(siteId: string): string | null {
    return hostProblem(this.world(), this.demandSite(siteId), this.settings(siteId));
  }

  /** Whether Azure would show this function: its code is there, and the host that tells of it starts. */
  hasFunction(siteId: string, name: string): boolean {
    const code = this.#code.get(siteId.toLowerCase()) ?? [];
    const isThere = code.some((known) => known.toLowerCase() === name.toLowerCase());
    return isThere && this.problem(siteId) === null;
  }

  private demandSite(siteId: string): Document {
    const site = this.world().documents.find(siteId);
    if (site === undefined) throw new RangeError(`There is no function app ${siteId}.`);
    return site;
  }
}

/** https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization */
function authEnvironment(world: World, siteId: string): Readonly<Record<string, string>> {
  const { flexAuthEnvironment: has } = world.switches.values;
  const config = world.documents.find(`${siteId}/config/authsettingsV2`)?.content.properties;
  const isEnabled = at(config, 'platform', 'enabled') === true;
  return {
    ...(has === 'both' ? { WEBSITE_AUTH_ENABLED: isEnabled ? 'True' : 'False' } : {}),
    ...(has === 'none' || config === undefined
      ? {}
      : { WEBSITE_AUTH_V2_CONFIG_JSON: JSON.stringify(config) }),
  };
}
