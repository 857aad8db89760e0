import { TemplateError } from './template-error.js';

/** How much work one load may cost: characters and values handled. The largest real package needs under 1 %. */
const maxWork = 200_000_000;
/** How deeply expressions, references and the JSON they stand in may nest while one is evaluated. */
const maxDepth = 400;
/** How deeply JSON may nest, in the template and in a value that it makes. */
export const maxJsonDepth = 200;
/** ARM's limit for a whole template is 4 MB, so no honest value is longer. */
export const maxText = 4 * 1024 * 1024;

export interface Budget {
  readonly spend: (work: number) => void;
  readonly nested: <T>(run: () => T) => T;
}

/** Ends a template that would run for ever, or fill the memory, with a clear error. */
export function createBudget(): Budget {
  let work = 0;
  let depth = 0;
  return {
    spend(cost) {
      work += cost;
      if (work > maxWork) throw new TemplateError('The template takes too much work to evaluate.');
    },
    nested(run) {
      if (depth >= maxDepth) {
        throw new TemplateError(`The template's expressions nest more than ${maxDepth} deep.`);
      }
      depth += 1;
      try {
        return run();
      } finally {
        depth -= 1;
      }
    },
  };
}
