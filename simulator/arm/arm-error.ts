/** A request that ARM or a resource provider turns down. It becomes the answer `{"error":{"code","message"}}`. */
export class ArmFailure extends Error {
  override readonly name = 'ArmFailure';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** Some services answer the error itself, without `error` around it. */
    readonly shape: 'wrapped' | 'bare' = 'wrapped',
  ) {
    super(message);
  }
}

export function errorBody(code: string, message: string, shape: 'wrapped' | 'bare' = 'wrapped'): string {
  return JSON.stringify(shape === 'bare' ? { code, message } : { error: { code, message } });
}

/** What resource providers say to a value they do not take. */
export function badRequest(message: string): ArmFailure {
  return new ArmFailure(400, 'BadRequest', message);
}

/** https://github.com/MicrosoftDocs/azure-docs/issues/80389 shows the wording. */
export function invalidContent(detail: string): ArmFailure {
  return new ArmFailure(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${detail}'.`,
  );
}

/** https://github.com/ANFTechTeam/ANFCapacityManager/issues/10 shows the wording around a workflow's fault. */
export function invalidTemplate(detail: string): ArmFailure {
  return new ArmFailure(400, 'InvalidTemplate', `The template validation failed: '${detail}'.`);
}

export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmFailure {
  return new ArmFailure(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

export function methodNotAllowed(method: string): ArmFailure {
  return new ArmFailure(
    405,
    'MethodNotAllowed',
    `The requested resource does not support http method '${method}'.`,
  );
}
