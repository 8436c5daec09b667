// with-node.mjs COMMAND [ARGS]: runs a tool of the project after the check of the Node version.
import { spawn } from 'node:child_process';
import { requireNode } from './node-version.mjs';

requireNode();
const [command, ...args] = process.argv.slice(2);
const [file, fileArgs] = /\.(mjs|ts)$/.test(command)
  ? [process.execPath, [command, ...args]]
  : [command, args];
const child = spawn(file, fileArgs, { stdio: 'inherit', shell: process.platform === 'win32' });
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
