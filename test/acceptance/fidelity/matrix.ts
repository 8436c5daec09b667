import { format, resolveConfig } from 'prettier';
import { of, type Case, type Profile } from './case.ts';
import { WAYS } from './ways.ts';

const INTRODUCTION = `# What crosses, and what is lost

Each row is an event that a person makes in one system, and what a person sees in the other one: by the Portico contract of the
booking system, and by the generic one. **equal**: title, description, times and the person to ask are the same. Else the cell says
what differs, and why. What the other system has no place for stays where it is: nothing is written back to the original, and
nothing of it is lost when its copy is changed.

The last column is the way back: a person gives the copy another title. As a rule that is all that comes back; the rest of the
original is as it was.

The tables are the cases of \`test/acceptance/fidelity\`, which plays each of them against both simulators.
`;

const BACK = {
  'put back': 'put back: the original is not ours to change',
  'stays in the copy': 'stays in the copy: the original hides its title',
} as const;

export async function fidelityText(): Promise<string> {
  const tables = Object.entries(WAYS).map(([name, { cases }]) => `## ${name}\n\n${tableOf(cases)}`);
  const config = (await resolveConfig(new URL(import.meta.url))) ?? {};
  return await format([INTRODUCTION, ...tables].join('\n'), { ...config, parser: 'markdown' });
}

function tableOf(cases: readonly Case[]): string {
  const head = '| | Portico | generic | the copy is renamed |\n| --- | --- | --- | --- |';
  return [head, ...cases.map(rowOf), ''].join('\n');
}

function rowOf(one: Case): string {
  const [portico, generic] = [cellOf(one, 'portico'), cellOf(one, 'generic')];
  const isCopied = of(one.none, 'portico') === undefined;
  const back = one.renamed === undefined ? 'comes back' : BACK[one.renamed];
  const cells = [
    one.what,
    portico,
    generic === portico ? 'the same' : generic,
    isCopied ? back : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function cellOf({ none, loss, copy }: Case, profile: Profile): string {
  const refused = of(none, profile);
  if (refused !== undefined) return `no copy: ${refused}`;
  const why = of(loss, profile);
  if (why === undefined) return '**equal**';
  return copy === undefined ? `**equal**, but: ${why}` : why;
}
