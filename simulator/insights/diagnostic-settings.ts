/** One entry of `logs` or `metrics`, as it is kept. */
export interface DiagnosticCategory {
  readonly category: string | null;
  readonly categoryGroup: string | null;
  readonly enabled: boolean;
  readonly retentionPolicy: { readonly enabled: boolean; readonly days: number };
}

export interface DiagnosticProperties {
  readonly storageAccountId: string | null;
  readonly serviceBusRuleId: string | null;
  readonly workspaceId: string | null;
  readonly eventHubAuthorizationRuleId: string | null;
  readonly eventHubName: string | null;
  readonly marketplacePartnerId: string | null;
  readonly logAnalyticsDestinationType: string | null;
  readonly logs: readonly DiagnosticCategory[];
  readonly metrics: readonly DiagnosticCategory[];
}

export interface DiagnosticSetting {
  readonly sequence: number;
  /** The id of the resource that it is about. */
  readonly scope: string;
  readonly name: string;
  readonly properties: DiagnosticProperties;
}

/** Which resource sends what where. They are Azure Monitor's: a resource that is deleted does not take them along. */
export class DiagnosticSettings {
  /** By what they are about, then by name; both in lower case. */
  readonly #all = new Map<string, Map<string, DiagnosticSetting>>();
  #sequence = 0;

  of(scope: string): readonly DiagnosticSetting[] {
    return [...(this.#all.get(scope.toLowerCase())?.values() ?? [])];
  }

  find(scope: string, name: string): DiagnosticSetting | undefined {
    return this.#all.get(scope.toLowerCase())?.get(name.toLowerCase());
  }

  put(scope: string, name: string, properties: DiagnosticProperties): void {
    const existing = this.find(scope, name);
    const sequence = existing?.sequence ?? (this.#sequence += 1);
    const own = this.#all.get(scope.toLowerCase()) ?? new Map<string, DiagnosticSetting>();
    own.set(name.toLowerCase(), { sequence, scope, name: existing?.name ?? name, properties });
    this.#all.set(scope.toLowerCase(), own);
  }

  remove(scope: string, name: string): void {
    this.#all.get(scope.toLowerCase())?.delete(name.toLowerCase());
  }

  removeAll(scope: string): void {
    this.#all.delete(scope.toLowerCase());
  }
}
