/** What goes into the loader and what comes out of it. Everything here is plain data. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface TemplateOptions {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  /** The resource group's region: what `resourceGroup().location` answers. */
  readonly location: string;
  readonly tenantId: string;
  /** Values by parameter name, in any case. They reach the templates inside a solution package too. */
  readonly parameters?: Readonly<Record<string, Json>>;
  /** What `deployment().name` answers; ARM's own default is the file's name. */
  readonly deploymentName?: string;
  /** What `environment().resourceManager` answers: the public cloud's URL unless said otherwise. */
  readonly resourceManager?: string;
  /** What `utcNow()` answers. Without it, expressions that ask for the time stay unresolved. */
  readonly now?: Date;
  /**
   * `true` gives a parameter that has no value a plausible one, the same for the same name; a function
   * chooses it, or answers undefined to leave the parameter without. Each is listed in `assumed`.
   */
  readonly fillMissingParameters?: boolean | FillParameter;
  /** Answers `reference()`, for a caller that knows the resource; undefined leaves it unresolved. */
  readonly reference?: (asked: ResourceReference) => Json | undefined;
}

export interface MissingParameter {
  readonly name: string;
  /** ARM's type in lower case: string, securestring, int, bool, object, secureobject, array. */
  readonly type: string;
  readonly allowedValues: readonly Json[];
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly minValue: number | null;
}

export type FillParameter = (parameter: MissingParameter) => Json | undefined;

export interface ResourceReference {
  readonly resourceId: string;
  /** Null where the template names none. */
  readonly apiVersion: string | null;
  /** True for `reference(id, version, 'Full')`, which wants the resource and not only its properties. */
  readonly full: boolean;
}

export interface LoadedResource {
  readonly id: string;
  /** As the template writes it, so in any case; a child's type is written out in full. */
  readonly type: string;
  readonly apiVersion: string | null;
  /** The last part of the name, as a GET of the resource answers it. */
  readonly name: string;
  readonly location: string | null;
  /** The resource as JSON: the template's own text, without what only a template has (dependsOn, copy…). */
  readonly text: string;
}

export interface UnresolvedExpression {
  /** JSON pointer into the template that was loaded. */
  readonly pointer: string;
  /** The text that was left in place, or, of a resource that had to be left out, what stood in the way. */
  readonly expression: string;
  readonly why: string;
}

export interface AssumedParameter {
  readonly parameter: string;
  readonly value: Json;
  /** JSON pointer of the parameter's declaration: the templates of a package have their own. */
  readonly pointer: string;
  readonly why: string;
}

export interface LoadedTemplate {
  readonly resources: readonly LoadedResource[];
  readonly unresolved: readonly UnresolvedExpression[];
  readonly assumed: readonly AssumedParameter[];
}
