import { z } from 'zod';
import type { ArmCall, ArmAnswer } from '../arm/arm-call.js';
import { readAnswer } from '../arm/arm-call.js';
import { badRequest } from '../arm/arm-error.js';
import { Guid, HttpsUrl } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { Content, Document, DocumentCall } from '../documents/document-type.js';
import { demandFlexSettings } from './flex-settings.js';

/** App settings on Linux are environment variables: letters, digits, `_` and `.`. */
const SettingName = z.string().regex(/^[a-z_][\w.]*$/i);
const Settings = z.record(SettingName, z.string());

/** https://learn.microsoft.com/azure/app-service/configure-authentication-file-based */
const AuthSettings = z.strictObject({
  platform: z.strictObject({ enabled: z.boolean().optional(), runtimeVersion: z.string().optional() }),
  globalValidation: z
    .strictObject({
      requireAuthentication: z.boolean().optional(),
      unauthenticatedClientAction: z
        .enum(['RedirectToLoginPage', 'AllowAnonymous', 'Return401', 'Return403'])
        .optional(),
      redirectToProvider: z.string().optional(),
      excludedPaths: z.array(z.string()).optional(),
    })
    .optional(),
  identityProviders: z.strictObject({
    azureActiveDirectory: z.strictObject({
      enabled: z.boolean().optional(),
      registration: z.strictObject({
        clientId: Guid,
        openIdIssuer: HttpsUrl,
        clientSecretSettingName: z.string().optional(),
      }),
      validation: z.strictObject({ allowedAudiences: z.array(z.string()).optional() }).optional(),
    }),
  }),
  login: z
    .strictObject({ tokenStore: z.strictObject({ enabled: z.boolean().optional() }).optional() })
    .optional(),
});

const BODIES = new Map<string, z.ZodType<object>>([
  ['appsettings', Settings],
  ['authsettingsv2', AuthSettings],
]);

/**
 * https://learn.microsoft.com/azure/templates/microsoft.web/2024-04-01/sites/config-appsettings
 * https://learn.microsoft.com/azure/templates/microsoft.web/2024-04-01/sites/config-authsettingsv2
 * A PUT of app settings is all of them. They are given out by `list` alone.
 */
export const SITE_CONFIG = defineType({
  type: 'Microsoft.Web/sites/config',
  apiVersions: ['2024-04-01'],
  name: /^(appsettings|authsettingsV2)$/i,
  body: z.strictObject({ properties: z.looseObject({}) }),
  check: checkConfig,
  shown: hidden,
  actions: { list },
});

function checkConfig({ world, place }: DocumentCall, { properties }: { properties: object }): void {
  const name = place.name.toLowerCase();
  const schema = BODIES.get(name);
  const parsed = schema?.safeParse(properties);
  if (parsed?.success !== true) {
    const issue = parsed?.error.issues[0];
    const at = ['properties', ...(issue?.path ?? [])].join('.');
    throw badRequest(`The configuration '${place.name}' is invalid: ${issue?.message ?? ''}. Path '${at}'.`);
  }
  if (name === 'appsettings') demandFlexSettings(world, Object.keys(properties));
}

function hidden({ name, content }: Document): Content {
  return name.toLowerCase() === 'appsettings' ? { ...content, properties: {} } : content;
}

function list(_call: ArmCall, { id, name, content }: Document): ArmAnswer {
  return readAnswer(JSON.stringify({ id, name, type: SITE_CONFIG.type, properties: content.properties }));
}

/** https://learn.microsoft.com/azure/templates/microsoft.web/2024-04-01/sites/basicpublishingcredentialspolicies */
export const PUBLISHING_POLICY = defineType({
  type: 'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
  apiVersions: ['2024-04-01'],
  name: /^(scm|ftp)$/,
  body: z.strictObject({ kind: z.string().optional(), properties: z.strictObject({ allow: z.boolean() }) }),
});
