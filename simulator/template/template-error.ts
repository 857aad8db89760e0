/** The text is no template, or one that no honest author writes. Nothing was loaded. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
