import { parseArgs } from 'node:util';
import { startSimulator, type SimulatorOptions } from './simulator.js';
import { parseSwitch, type Switches } from './switches.js';

const USAGE = `Usage: node .build/simulator/main.js [options]

  --port N              of the ARM server (default: a free one)
  --logs-port N         of Log Analytics' query API (default: a free one)
  --topic-port N        of the Event Grid topic (default: a free one)
  --ingestion-port N    of the Logs Ingestion API (default: a free one)
  --control-port N      of the identity endpoint and the control API (default: a free one)
  --certificate PATH    where to write the certificate (default: a temporary file)
  --tenant GUID         the tenant
  --subscription GUID   a subscription that is there from the start; may be given more than once
  --page-size N         how many items a list gives at most (default: 100)
  --latency MS          added to every request; or MIN-MAX, drawn evenly
  --throttling          ARM's token buckets on
  --event-time-scale X  what a second of the event retry schedule takes (default: 1)
  --switch NAME=VALUE   a setting of docs/simulator.md; may be given more than once
  --seed N              for ids and chance (default: 1)

Prints one line of JSON with its URLs when it is ready, and runs until SIGTERM or SIGINT.
`;

/** Runs the simulator as a process of its own. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'logs-port': { type: 'string' },
      'topic-port': { type: 'string' },
      'ingestion-port': { type: 'string' },
      'control-port': { type: 'string' },
      certificate: { type: 'string' },
      tenant: { type: 'string' },
      subscription: { type: 'string', multiple: true },
      'page-size': { type: 'string' },
      latency: { type: 'string' },
      throttling: { type: 'boolean' },
      'event-time-scale': { type: 'string' },
      switch: { type: 'string', multiple: true },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  const options: SimulatorOptions = {
    ...(values.port === undefined ? {} : { port: number('port', values.port) }),
    ...(values['logs-port'] === undefined ? {} : { logsPort: number('logs-port', values['logs-port']) }),
    ...(values['topic-port'] === undefined ? {} : { topicPort: number('topic-port', values['topic-port']) }),
    ...(values['ingestion-port'] === undefined
      ? {}
      : { ingestionPort: number('ingestion-port', values['ingestion-port']) }),
    ...(values['control-port'] === undefined
      ? {}
      : { controlPort: number('control-port', values['control-port']) }),
    ...(values.certificate === undefined ? {} : { certificatePath: values.certificate }),
    ...(values.tenant === undefined ? {} : { tenantId: values.tenant }),
    ...(values.subscription === undefined ? {} : { subscriptions: values.subscription }),
    ...(values['page-size'] === undefined ? {} : { pageSize: number('page-size', values['page-size']) }),
    ...(values.latency === undefined ? {} : { latency: latency(values.latency) }),
    ...(values['event-time-scale'] === undefined
      ? {}
      : { events: { timeScale: number('event-time-scale', values['event-time-scale']) } }),
    ...(values.seed === undefined ? {} : { seed: number('seed', values.seed) }),
    throttling: { enabled: values.throttling ?? false },
    switches: switches(values.switch ?? []),
  };
  const end = (): void => {
    void simulator.close().then(() => process.exit(0));
  };
  const simulator = await startSimulator({ ...options, onShutDown: () => setImmediate(end) });
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const {
    url,
    logsUrl,
    topicUrl,
    ingestionUrl,
    controlUrl,
    certificatePath,
    tenantId,
    identity,
    environment,
  } = simulator;
  const ready = {
    ready: true,
    pid: process.pid,
    url,
    logsUrl,
    topicUrl,
    ingestionUrl,
    controlUrl,
    certificatePath,
    tenantId,
    identity,
  };
  process.stdout.write(`${JSON.stringify({ ...ready, environment })}\n`);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value) || value < 0) {
    throw new RangeError(`--${name} takes a number from 0, not ${text}.`);
  }
  return value;
}

function latency(text: string): { minMs: number; maxMs: number } {
  const [min = '', max = min] = text.split('-');
  return { minMs: number('latency', min), maxMs: number('latency', max) };
}

function switches(settings: readonly string[]): Partial<Switches> {
  return settings.reduce<Partial<Switches>>((all, setting) => {
    const [name = '', ...value] = setting.split('=');
    return { ...all, ...parseSwitch(name, value.join('=')) };
  }, {});
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
