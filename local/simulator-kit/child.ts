/**
 * A child process of `npm start` says `{"ready": …}` on its first line of output and ends when its
 * parent's pipe (stdin) closes, so that no process outlives the one that started it.
 */
export function announceReady(details: Record<string, unknown>): void {
  process.stdout.write(JSON.stringify({ ready: details }) + '\n');
}

/** Calls `close` and exits when the parent is gone or asks to stop. */
export function endWithParent(close: () => Promise<void>): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void close().finally(() => process.exit(0));
  };
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
