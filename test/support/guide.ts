import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A fenced block of the guide, and the file or purpose that the line above it names. */
export interface GuideBlock {
  readonly name: string;
  readonly language: string;
  readonly text: string;
}

/** The blocks of a document of `docs/` that stand under a line such as `<!-- settings -->` or `<!-- test/docs/x.ts -->`. */
export function guideBlocks(guide = 'adding-a-bridge'): readonly GuideBlock[] {
  const file = fileURLToPath(new URL(`../../docs/${guide}.md`, import.meta.url));
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^<!-- (.+) -->\n\n```(\w*)\n([^]*?)^```$/gm)].map(
    ([, name = '', language = '', block = '']) => ({ name, language, text: block }),
  );
}

export function guideBlock(name: string): GuideBlock {
  const found = guideBlocks().find((block) => block.name === name);
  if (found === undefined) throw new Error(`docs/adding-a-bridge.md has no block ${name}`);
  return found;
}

/** `NAME=value` lines as a shell reads them; a value in single quotes may go over several lines. */
export function settingsIn({ text }: GuideBlock): Record<string, string> {
  const lines = text.matchAll(/^([A-Z][A-Z0-9_]*)=(?:'([^']*)'|(\S*))$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']),
  );
}
