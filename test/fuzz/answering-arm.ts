import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { createArmPipelines } from '../../src/azure/arm-pipeline.js';
import { createArmReader } from '../../src/azure/arm-reader.js';
import { createArmWriter } from '../../src/azure/arm-writer.js';
import { createPacer } from '../../src/azure/pacer.js';

export const ARM = 'https://arm.example';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** The app's clients and the SDKs' own pipelines over a function that answers; no server, no network. */
export function answeringArm(answer: (asked: Asked) => Answer | Error) {
  const asked: Asked[] = [];
  const http: HttpClient = {
    sendRequest(request: PipelineRequest) {
      const one = {
        method: request.method,
        url: request.url,
        body: typeof request.body === 'string' ? request.body : '',
      };
      asked.push(one);
      const given = answer(one);
      if (given instanceof Error) return Promise.reject(given);
      const { status, headers = {}, body = '' } = given;
      return Promise.resolve({
        request,
        status,
        headers: createHttpHeaders({ ...headers }),
        bodyAsText: body,
      });
    },
  };
  const claims = Buffer.from(JSON.stringify({ tid: 't', oid: 'o', appid: 'a' })).toString('base64url');
  const credential = {
    getToken: () => Promise.resolve({ token: `x.${claims}.x`, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const pacer = createPacer();
  const { urgent } = createArmPipelines(ARM, credential, http, pacer);
  return {
    asked,
    reader: createArmReader(urgent, ARM),
    writer: createArmWriter(urgent, ARM, () => Promise.resolve('t'), pacer),
  };
}
