import { ArmFailure, invalidContent } from './arm-error.js';
import type { ArmRequest } from './arm-message.js';
import { isObject } from '../json.js';

/** ARM's own limit on what it takes: https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The request's body, once it is sure that it is one JSON object; empty where there is none. */
export function objectBody(request: ArmRequest): string {
  if (request.body === '') return '';
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) {
    throw new ArmFailure(
      413,
      'RequestEntityTooLarge',
      `The request content size exceeds the maximum size of ${MAX_BODY_BYTES} bytes.`,
    );
  }
  const contentType = request.headers['content-type'];
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json' && mediaType !== 'text/json') {
    throw new ArmFailure(
      415,
      'UnsupportedMediaType',
      `The content media type '${mediaType ?? '<null>'}' is not supported. Only 'application/json' is supported.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(request.body);
  } catch (error) {
    throw invalidContent(error instanceof Error ? error.message : 'The content is not JSON');
  }
  if (!isObject(value)) throw invalidContent("The content is not a JSON object. Path ''");
  return request.body;
}

export function demandBody(body: string): void {
  if (body === '') throw invalidContent('The request content is empty');
}
