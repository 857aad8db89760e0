export type Settings = Readonly<Record<string, string | undefined>>;

/** Replaces each `%NAME%` by that app setting; a missing one is the Functions host's own complaint. */
export function resolveSettingReferences(text: string, settings: Settings): string {
  return text.replaceAll(/%([^%]+)%/g, (reference, name: string) => {
    const value = settings[name];
    if (value === undefined || value === '') {
      throw new Error(`'${reference}' does not resolve to a value: set the app setting ${name}.`);
    }
    return value;
  });
}
