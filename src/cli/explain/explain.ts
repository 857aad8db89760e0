import type { FlowMap } from '../../workflow/flow/flow-map.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../output/terminal.js';
import { explainReport, leaksOf, type Place } from './explain-report.js';

/** Tells the flow, as text or as the graph itself. Found is where somebody gets to see a secret. */
export function tellFlow(
  name: string,
  flow: FlowMap,
  place: Place,
  options: { readonly json?: boolean },
  { out }: Terminal,
): ExitCode {
  out.write(
    options.json === true
      ? `${JSON.stringify({ workflow: name, ...flow })}\n`
      : explainReport(name, flow, place, out),
  );
  return leaksOf(flow).length > 0 ? EXIT.found : EXIT.ok;
}
