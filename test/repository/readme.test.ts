import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig, SCHEDULES } from '../../shared/config.ts';
import { ROUTES } from '../../shared/http/routes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

function documents(): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return ['README.md', 'CHANGELOG.md', join('infra', 'README.md'), ...docs];
}

describe.each(documents())('%s', (name) => {
  const text = readFileSync(join(root, name), 'utf8');

  it('names only commands that exist', () => {
    const named = [...text.matchAll(/(?:^|`|&& )npm (?:run )?([a-z:]+)/gm)].map(
      ([, script]) => script ?? '',
    );
    const known = new Set([...Object.keys(scripts), 'ci', 'run']);
    expect(named.filter((script) => !known.has(script))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '');
    const missing = links.filter((link) => !existsSync(join(root, dirname(name), link)));
    expect(missing).toEqual([]);
  });
});

describe('the HTTP section of README.md', () => {
  it('lists every route of the route table, as it is described there', () => {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const section = text.slice(text.indexOf('\n## HTTP\n'), text.indexOf('\n## Test\n'));
    const rows = [...section.matchAll(/^\| `([A-Z]+ \/[^`]*)` +\| (.*?) *\|$/gm)];
    expect(rows.map(([, call, what]) => [call, what])).toEqual(
      ROUTES.map(({ method, path, summary }) => [`${method} /${path}`, summary]),
    );
    const earlier = ROUTES.flatMap(({ aliases }) => aliases).filter(({ deprecated }) => deprecated);
    for (const { path } of earlier.filter(({ path }) => !path.startsWith('resource-mapping/')))
      expect(section).toContain(`/${path}\``);
  });
});

describe('local.settings.example.json', () => {
  it('sets every schedule', () => {
    const { Values } = JSON.parse(
      readFileSync(join(root, 'local.settings.example.json'), 'utf8'),
    ) as { Values: Record<string, string> };
    expect(Object.keys(Values)).toEqual(expect.arrayContaining(Object.keys(SCHEDULES)));
  });

  it('is settings the app takes as they are, for every tenant in it', () => {
    const { Values } = JSON.parse(
      readFileSync(join(root, 'local.settings.example.json'), 'utf8'),
    ) as { Values: Record<string, string> };
    const { config, problems } = readConfig(Values);
    expect(problems).toEqual([]);
    expect(config?.rejected).toEqual([]);
    expect(config?.tenants.map(({ id }) => id)).toEqual(['municipal_a', 'municipal_b']);
  });
});
