import { guid } from './functions/hash-functions.js';
import type { Json, MissingParameter, TemplateOptions } from './loaded-template.js';

/** A vault's name takes 3 to 24 letters, digits and hyphens, begins with a letter and has no two hyphens in a row. */
const maxSlug = 24;

/** A plausible value for a parameter, the same each time for the same name; secrets look like no real one. */
export function assumeParameter(parameter: MissingParameter, options: TemplateOptions): Json {
  const [allowed] = parameter.allowedValues;
  if (allowed !== undefined) return allowed;
  const slug = slugOf(parameter.name);
  switch (parameter.type) {
    case 'int':
      return parameter.minValue ?? 1;
    case 'bool':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
    case 'secureobject':
      return { notARealSecret: slug };
    case 'securestring':
      return fitLength(`not-a-real-secret-${slug}`, parameter);
    default:
      return fitLength(assumeText(parameter.name, slug, options), parameter);
  }
}

/**
 * The name's own words, which people put together as `ClientID KeyVault SP`, `workspace-location` or
 * `keyvaultName`: as many as make a name for a vault, the narrowest that ARM takes.
 */
function slugOf(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  const [first = '', ...rest] = words;
  let slug = (/^[a-z]/.test(first) ? first : `a${first}`).slice(0, maxSlug);
  for (const word of rest) {
    if (slug.length + 1 + word.length > maxSlug) break;
    slug += `-${word}`;
  }
  return slug;
}

function assumeText(name: string, slug: string, options: TemplateOptions): string {
  if (/(location|region)$/i.test(name)) return options.location;
  if (/tenant[ _-]?id$/i.test(name)) return options.tenantId;
  if (/subscription[ _-]?id$/i.test(name)) return options.subscriptionId;
  if (/resource[ _-]?group([ _-]?name)?$/i.test(name)) return options.resourceGroup;
  if (/(url|uri|endpoint)$/i.test(name)) return `https://${slug}.example`;
  if (/(domain|fqdn|hostname)$/i.test(name)) return `${slug}.example`;
  if (/(e-?mail|upn)$/i.test(name)) return `${slug}@example.com`;
  if (/([a-z\d]I[dD]|[ _-]id|[gG][uU]?[iI][dD])$/.test(name)) return guid(['assumed', name.toLowerCase()]);
  return slug;
}

function fitLength(text: string, { minLength, maxLength }: MissingParameter): string {
  const longEnough = text.padEnd(Math.min(minLength ?? 0, 1024), 'x');
  return longEnough.slice(0, maxLength ?? undefined);
}
