import { readCommandLine, usage } from './command-line.js';
import { describeError } from './host-log.js';
import { type LocalHost, type LocalHostOptions, startLocalHost } from './local-host.js';

async function main(): Promise<void> {
  let options: LocalHostOptions;
  try {
    options = readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
  const host = await startLocalHost(options);
  stopOnSignals(host);
  const { url, functions, errors } = host;
  console.log(JSON.stringify({ ready: true, url, functions, errors }));
}

/** A second signal does not wait. */
function stopOnSignals(host: LocalHost): void {
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void host.close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  console.error(describeError(error));
  process.exit(1);
});
