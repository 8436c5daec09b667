import { describe, expect, it } from 'vitest';
import {
  compareTemplates,
  matchRoute,
  parseRouteTemplate,
  RouteTemplateError,
  templateKey,
} from '../../../local/host/route-template.ts';

const match = (template: string, path: string): Record<string, string> | undefined =>
  matchRoute(parseRouteTemplate(template), path);

describe('matching a route', () => {
  it('takes parameters out of the path and unescapes them, but for a slash', () => {
    expect(match('rooms/{room}/events', '/rooms/a%20%C3%A5%2Fb/events')).toEqual({
      room: 'a å%2Fb',
    });
  });

  it('leaves a stray percent sign as it was sent', () => {
    expect(match('rooms/{room}', '/rooms/100%')).toEqual({ room: '100%' });
  });

  it('ignores case of fixed text and a final slash', () => {
    expect(match('bridges/health', '/Bridges/HEALTH/')).toEqual({});
  });

  it('does not match longer, shorter or doubled paths', () => {
    expect(match('a/{b}', '/a')).toBeUndefined();
    expect(match('a/{b}', '/a/b/c')).toBeUndefined();
    expect(match('a/{b}', '/a//')).toBeUndefined();
  });

  it('lets a constraint refuse what does not fit', () => {
    expect(match('n/{id:int}', '/n/12')).toEqual({ id: '12' });
    expect(match('n/{id:int}', '/n/1x')).toBeUndefined();
    expect(match('g/{id:guid}', '/g/6f9619ff-8b86-d011-b42d-00c04fc964ff')).toBeDefined();
  });

  it('gives the rest of the path to {*rest}, also when nothing is left', () => {
    expect(match('files/{*rest}', '/files/a/b%20c')).toEqual({ rest: 'a/b c' });
    expect(match('files/{*rest}', '/files')).toEqual({ rest: '' });
  });

  it('lets an optional parameter be absent', () => {
    expect(match('days/{day?}', '/days')).toEqual({});
    expect(match('days/{day?}', '/days/1')).toEqual({ day: '1' });
  });

  it('matches the root with an empty template', () => {
    expect(match('', '/')).toEqual({});
    expect(match('', '/a')).toBeUndefined();
  });
});

describe('the order of routes', () => {
  it('puts fixed text before constraints before parameters before the rest, and the longer first', () => {
    const texts = ['a/{*r}', 'a/{b}', 'a/{b:int}', 'a/b', 'a/b/c', '{x}/b'];
    const sorted = texts.map(parseRouteTemplate).sort(compareTemplates);
    expect(sorted.map(({ text }) => text)).toEqual([
      'a/b/c',
      'a/b',
      'a/{b:int}',
      'a/{b}',
      'a/{*r}',
      '{x}/b',
    ]);
  });

  it('sees that names of parameters do not make two routes different', () => {
    const key = (text: string): string => templateKey(parseRouteTemplate(text));
    expect(key('A/{x}')).toBe(key('a/{y}'));
    expect(key('a/{x}')).not.toBe(key('a/{x:int}'));
  });
});

describe('a template that cannot be served', () => {
  it.each(['a/{b}.json', 'a/{b', 'a/{b:even}', '{*rest}/a', '{a?}/b', '{a}/{a}'])(
    'is refused: %s',
    (text) => {
      expect(() => parseRouteTemplate(text)).toThrow(RouteTemplateError);
    },
  );
});
