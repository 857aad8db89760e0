import { parseArgs } from 'node:util';
import { FIGURES, type FigureKey, type Measurement } from './goals.js';
import { MEASUREMENTS } from './figures.js';
import { jsonOf, tableOf, verdictsOf } from './print-report.js';

const USAGE = `npm run bench -- [--json] [--only FIGURE,…] [--quick]

  --json    one JSON object instead of the table
  --only    these figures alone: ${FIGURES.join(', ')}
  --quick   smaller estates, to try it out: what they give claims nothing

Exit code 1 when a goal is missed, or a figure could not be measured.
`;

/** Measures Holdfast at work on real servers, on this machine, and judges the figures. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const wanted = figuresNamed(values.only);
  const startedAt = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedAt) / 1000);
  const progress = (line: string): void => {
    process.stderr.write(`[${seconds()} s] ${line}\n`);
  };
  const report = new Map<FigureKey, Measurement>();
  for (const { keys, measure } of MEASUREMENTS) {
    const asked = keys.filter((key) => wanted.has(key));
    if (asked.length === 0) continue;
    const measurement = await measure({ isQuick: values.quick, progress }).catch(notMeasured);
    for (const key of asked) report.set(key, measurement);
  }
  process.stdout.write(
    `${values.json ? jsonOf(report, { seconds: seconds(), isQuick: values.quick }) : tableOf(report)}\n`,
  );
  if (verdictsOf(report).some(({ kind }) => kind === 'fail')) process.exitCode = 1;
}

/** What kept one figure from being measured does not keep the others from it. */
function notMeasured(error: unknown): Measurement {
  return { values: {}, computedFrom: {}, broken: [error instanceof Error ? error.message : String(error)] };
}

function figuresNamed(names: string | undefined): ReadonlySet<FigureKey> {
  if (names === undefined) return new Set(FIGURES);
  return new Set(
    names.split(',').map((name) => {
      const figure = FIGURES.find((key) => key === name.trim());
      if (figure === undefined)
        throw new RangeError(`There is no figure ${name}; there are ${FIGURES.join(', ')}.`);
      return figure;
    }),
  );
}

// Servers are ended when this process exits, which a signal alone would not have it do.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
