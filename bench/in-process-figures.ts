import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Figure } from './figure.js';
import type { FigureKey, Measurement } from './goals.js';

/** Figures whose modules measure by themselves; one that is not there is not measured. */
export const planToParse = figureOf('planToParseRatio', 'plan-to-parse', 'planToParse');
export const coldStart = figureOf('coldStartRatio', 'cold-start', 'coldStart');

function figureOf(key: FigureKey, file: string, name: string): Figure {
  return {
    keys: [key],
    async measure({ progress }): Promise<Measurement> {
      const path = join(__dirname, `${file}.js`);
      if (!existsSync(path))
        return { values: {}, computedFrom: {}, broken: [`there is no bench/${file}.ts`] };
      progress(`measuring ${file}`);
      const module = (await import(pathToFileURL(path).href)) as Record<
        string,
        () => Promise<{ readonly ratio: number }>
      >;
      const measured = await module[name]?.();
      if (measured === undefined)
        return { values: {}, computedFrom: {}, broken: [`bench/${file}.ts has no ${name}`] };
      const { ratio, ...computedFrom } = measured;
      return { values: { [key]: ratio }, computedFrom, broken: [] };
    },
  };
}
