/**
 * Loaded with `--import` before a program that knows nothing of us: when the parent's pipe (stdin)
 * closes, the program gets the same SIGTERM handlers called as an operator's `kill` would.
 */
process.stdin.resume();
// The pipe itself must not keep the program alive once it has closed its servers.
(process.stdin as { unref?: () => void }).unref?.();

let told = false;
const tell = (): void => {
  if (told) return;
  told = true;
  // Without a handler yet (the program is still loading) there is nothing to close either.
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(0);
};
process.stdin.on('end', tell);
process.stdin.on('error', tell);
