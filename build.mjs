// The deployable bundle: `dist/functions/index.js`, one ES module, and its host.json beside it.
import { build } from 'esbuild';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** `import { z } from 'zod'` would bring in five times what `import * as z` does. */
const ZOD_BYTES_MAX = 150_000;

rmSync('dist', { recursive: true, force: true });
const result = await build({
  entryPoints: ['functions/index.ts'],
  outfile: 'dist/functions/index.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
  // The worker provides it; there is no such package.
  external: ['@azure/functions-core'],
  // CommonJS packages inside an ES module still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
});

const [output] = Object.values(result.metafile.outputs).filter(({ entryPoint }) => entryPoint);
const zodBytes = Object.entries(output.inputs)
  .filter(([path]) => path.includes('node_modules/zod/'))
  .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
if (zodBytes > ZOD_BYTES_MAX) {
  console.error(`zod takes ${zodBytes} bytes: somewhere it is not imported as \`* as z\``);
  process.exit(1);
}

const { name, version, license, type, main, engines } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
cpSync('host.json', 'dist/host.json');
writeFileSync(
  'dist/package.json',
  JSON.stringify(
    { name, version, license, type, main: main.replace(/^dist\//, ''), engines },
    undefined,
    2,
  ) + '\n',
);
console.log(
  `dist/functions/index.js: ${Math.round(output.bytes / 1024)} KiB, of it zod ${Math.round(zodBytes / 1024)} KiB`,
);
