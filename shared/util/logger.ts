/** Facts of a log line: ids, counts, durations. Never titles, names, addresses, tokens or bodies. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A structured log for an operator. One line is one JSON object. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Writes JSON lines to the process's output, which Functions forwards to Application Insights. */
export function consoleLogger(): Logger {
  const write =
    (level: string, sink: (line: string) => void) =>
    (message: string, fields: LogFields = {}): void =>
      sink(JSON.stringify({ level, message, ...fields }));
  return {
    info: write('info', (line) => console.log(line)),
    warn: write('warn', (line) => console.warn(line)),
    error: write('error', (line) => console.error(line)),
  };
}

/** Says nothing; for tests and tools. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
