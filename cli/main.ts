// The command line against a running deployment: `npm run -s bridge -- help`.
import { runCommandLine } from './run.ts';

const { exitCode, out, error } = await runCommandLine(process.argv.slice(2), process.env);
process.stdout.write(out);
process.stderr.write(error);
process.exitCode = exitCode;
