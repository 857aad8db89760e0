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
  readonly #all = new Map<string, DiagnosticSetting>();
  #sequence = 0;

  of(scope: string): readonly DiagnosticSetting[] {
    return [...this.#all.values()].filter((setting) => setting.scope.toLowerCase() === scope.toLowerCase());
  }

  find(scope: string, name: string): DiagnosticSetting | undefined {
    return this.#all.get(keyOf(scope, name));
  }

  put(scope: string, name: string, properties: DiagnosticProperties): void {
    const key = keyOf(scope, name);
    const existing = this.#all.get(key);
    const sequence = existing?.sequence ?? (this.#sequence += 1);
    this.#all.set(key, { sequence, scope, name: existing?.name ?? name, properties });
  }

  remove(scope: string, name: string): void {
    this.#all.delete(keyOf(scope, name));
  }

  removeAll(scope: string): void {
    for (const { name } of this.of(scope)) this.remove(scope, name);
  }
}

function keyOf(scope: string, name: string): string {
  return `${scope}|${name}`.toLowerCase();
}
