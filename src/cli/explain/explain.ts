import type { FlowMap } from '../../workflow/flow/flow-map.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Terminal } from '../output/terminal.js';
import { explainReport, leaksOf } from './explain-report.js';

/** Tells the flow, as text or as the graph itself. Found is where somebody gets to see a secret. */
export function tellFlow(
  name: string,
  flow: FlowMap,
  options: { readonly json?: boolean },
  { out }: Terminal,
): ExitCode {
  out.write(
    options.json === true
      ? `${JSON.stringify({ workflow: name, ...flow })}\n`
      : explainReport(name, flow, out),
  );
  return leaksOf(flow).length > 0 ? EXIT.found : EXIT.ok;
}
