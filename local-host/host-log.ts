/** In rising order of weight; a log that is set to one of them is silent below it. */
export const logLevels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;

export type LogLevel = (typeof logLevels)[number];

/** `source` is the function's name, or `host`. */
export type Log = (level: LogLevel, source: string, message: string) => void;

/** Writes one line per call, whatever the message holds: a name from outside cannot forge a line of its own. */
export function createLog(write: (line: string) => void, minimum: LogLevel): Log {
  return (level, source, message) => {
    if (logLevels.indexOf(level) < logLevels.indexOf(minimum)) return;
    write(`[${new Date().toISOString()}] ${level.padEnd(11)} ${source}: ${onOneLine(message)}`);
  };
}

function onOneLine(message: string): string {
  return message.replaceAll(/\r?\n/g, '\\n').replaceAll(/[\p{Cc}\u2028\u2029]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** What to log of something that was thrown, which need not be an error. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
