import { assert, constantFrom, option, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cleanName,
  cleanPublisher,
  cleanVersion,
  compileGlob,
  compileRuleset,
  compileTemplate,
  type Evidence,
  isLinearSafe,
  type LocalRule,
  nearestProducts,
  recognise,
  type RulesetContent,
  withLocalRules,
} from './index.ts';

const meta = { platforms: ['windows'], source: 'test', reviewedOn: '2026-11-24', category: 'office', examples: [] };
const content: RulesetContent = {
  publishers: [
    { key: 'contoso', name: 'Contoso', aliases: ['Contoso Planning GmbH'] },
    { key: 'fabrikam', name: 'Fabrikam' },
  ],
  products: [
    {
      ...meta,
      key: 'contoso/planner',
      name: 'Planner',
      publisher: 'contoso',
      editions: ['Pro=professional', 'Lite'],
      release: { from: 'version', map: { '16': '2016' } },
      titles: ['contoso planner [{edition}] [{release}]'],
      components: ['contoso planner viewer'],
      codes: ['{1111-*-AA}', 'net.contoso.planner'],
      packages: ['planner-{release}', 'planner'],
    },
    { ...meta, key: 'fabrikam/planner', name: 'Fabrikam Planner', publisher: 'fabrikam', titles: ['[fabrikam] planner'] },
  ],
  classes: [
    { id: 'update', stage: 'first', kind: 'update', titles: ['update for {of} kb*', 'update for {of}'], about: 'An update.', examples: [] },
    { id: 'lib', stage: 'last', kind: 'component', packages: ['lib*'], about: 'A library.', examples: [] },
  ],
};
const ruleset = compileRuleset(content, 'v1');
const title = (name: string, more: Partial<Evidence> = {}): Evidence => ({
  name,
  version: null,
  publisher: null,
  channel: 'registry',
  arch: null,
  code: null,
  ...more,
});
const local = (more: Partial<LocalRule>): LocalRule => ({
  id: 'r1',
  namePattern: 'x',
  publisher: null,
  channel: null,
  productKey: 'fabrikam/planner',
  productKind: 'product',
  publisherKey: 'fabrikam',
  edition: null,
  createdAt: 1,
  ...more,
});

describe('clean-up', () => {
  it.each([
    ['Microsoft® Visio™ 2019 (64-bit) - en-us', '16.0.1', 'microsoft visio 2019', null],
    ['IntelliJ IDEA 2023.2.5', '232.1', 'intellij idea', '2023.2.5'],
    ['7-Zip 23.01 (x64)', '23.01', '7-zip', '23.01'],
    ['Tool version 3.4', null, 'tool', '3.4'],
    ['Tool v3', null, 'tool', '3'],
    ['IIS 10.0 Express', '10.0.06975', 'iis 10.0 express', null],
    ['Office 365', '365', 'office', '365'],
    ['Product 2019', '2019', 'product 2019', null],
    ['PowerShell 7-x64', '7.4.0.0', 'powershell 7', null],
    ['64 Bit HP CIO Components', null, 'hp cio components', null],
  ])('%s', (raw, version, name, found) => {
    expect(cleanName(raw, version)).toEqual({ name, version: found });
  });

  it.each([
    ['Microsoft Corporation', 'microsoft'],
    ['MICROSOFT CORP.', 'microsoft'],
    ['JetBrains s.r.o.', 'jetbrains'],
    ['The Document Foundation', 'document foundation'],
    ['Johnson & Johnson, Inc.', 'johnson johnson'],
    ['Inc.', 'inc'],
  ])('publisher %s', (raw, expected) => {
    expect(cleanPublisher(raw)).toBe(expected);
  });

  it.each([
    ['1:2.13.0-3+deb12u1', 'deb', '2.13.0'],
    ['119.0.6045.159-1~deb12u1', 'deb', '119.0.6045.159'],
    ['16.0.4266.1001', 'registry', '16.0.4266.1001'],
    ['v1.2', 'registry', '1.2'],
    ['', 'deb', null],
  ])('version %s of %s', (raw, channel, expected) => {
    expect(cleanVersion(raw, channel)).toBe(expected);
  });
});

describe('recognition', () => {
  it('reads edition and release from the title, else the release from the version', () => {
    expect(
      recognise(title('Contoso Planner Professional 2019', { publisher: 'Contoso Planning GmbH', version: '17.1' }), ruleset),
    ).toMatchObject({ productKey: 'contoso/planner', edition: 'Pro', release: '2019', version: '17.1', confidence: 'high' });
    expect(recognise(title('Contoso Planner', { version: '16.2.1' }), ruleset)).toMatchObject({
      edition: null,
      release: '2016',
      confidence: 'medium',
    });
    expect(recognise(title('Contoso Planner', { version: '17.2.1' }), ruleset).release).toBe('17');
  });
  it('takes a known other publisher as a contradiction', () => {
    expect(recognise(title('Contoso Planner', { publisher: 'Fabrikam Inc.' }), ruleset)).toMatchObject({
      productKey: null,
      rule: 'none',
      publisherKey: 'fabrikam',
    });
  });
  it('believes a code before the text', () => {
    expect(recognise(title('Anything', { code: '{1111-0000-aa}' }), ruleset)).toMatchObject({
      productKey: 'contoso/planner',
      confidence: 'certain',
    });
    expect(recognise(title('Fabrikam Planner', { code: 'NET.Contoso.Planner' }), ruleset).productKey).toBe('contoso/planner');
    expect(recognise(title('Anything', { code: '{1111-0000-bb}' }), ruleset).rule).toBe('none');
  });
  it('keeps updates and components apart from installations', () => {
    expect(recognise(title('Update for Contoso Planner Pro 2019 (KB12)', { publisher: 'Contoso' }), ruleset)).toMatchObject({
      productKey: null,
      partOf: 'contoso/planner',
      kind: 'update',
      release: '2019',
    });
    expect(recognise(title('Update for Nobody Knows', {}), ruleset)).toMatchObject({ kind: 'update', partOf: null });
    expect(recognise(title('Contoso Planner Viewer'), ruleset)).toMatchObject({
      productKey: null,
      partOf: 'contoso/planner',
      kind: 'component',
    });
    expect(recognise(title('libplanner', { channel: 'deb' }), ruleset)).toMatchObject({
      kind: 'component',
      rule: 'class/lib',
      confidence: 'low',
    });
    expect(recognise(title('libplanner'), ruleset).rule).toBe('none');
  });
  it('names packages by their own rules', () => {
    expect(recognise(title('planner-15', { channel: 'deb', version: '15.5-1', publisher: 'Debian' }), ruleset)).toMatchObject({
      productKey: 'contoso/planner',
      release: '15',
      version: '15.5',
    });
  });
  it('lets a person decide first: exact before pattern, newer before older', () => {
    const rules = withLocalRules(ruleset, 'v2', [
      local({ id: 'glob', namePattern: 'Contoso*' }),
      local({ id: 'newer', namePattern: 'Contoso Pl*', createdAt: 2 }),
      local({ id: 'exact', namePattern: 'contoso planner', publisher: 'CONTOSO', createdAt: 0 }),
    ]);
    expect(recognise(title('Contoso Planner', { publisher: 'Contoso' }), rules).rule).toBe('local/exact');
    expect(recognise(title('Contoso Planner'), rules).rule).toBe('local/newer');
    expect(recognise(title('Contoso Other'), rules)).toMatchObject({
      rule: 'local/glob',
      productKey: 'fabrikam/planner',
      confidence: 'certain',
    });
    expect(recognise(title('Contoso Other'), ruleset).rule).toBe('none');
  });
  it('explains itself only when asked', () => {
    expect(recognise(title('Contoso Planner'), ruleset).steps).toEqual([]);
    expect(recognise(title('Contoso Planner', { publisher: 'Contoso' }), ruleset, { explain: true }).steps.map((s) => s.stage)).toEqual([
      'publisher',
      'clean',
      'rule',
    ]);
  });
  it('is the same whatever the order of the content', () => {
    const turned = compileRuleset(
      { ...content, products: [...content.products].reverse(), publishers: [...content.publishers].reverse() },
      'v1',
    );
    for (const name of ['Contoso Planner', 'Planner', 'Fabrikam Planner', 'Update for Planner'])
      expect(recognise(title(name), turned)).toEqual(recognise(title(name), ruleset));
  });
  it('answers for any input, and says the same twice', () => {
    assert(
      property(
        string({ unit: 'binary', maxLength: 500 }),
        option(string()),
        option(string()),
        constantFrom('registry', 'deb', 'bundle'),
        (name, publisher, version, channel) => {
          const evidence = title(name, { publisher, version, channel, code: name });
          expect(recognise(evidence, ruleset)).toEqual(recognise(evidence, ruleset));
        },
      ),
    );
  });
});

describe('templates', () => {
  it.each([
    ['[a] b', ['a b', 'b'], ['ab', 'a', 'a b c']],
    ['a [b|c] d', ['a d', 'a b d', 'a c d'], ['a b c d']],
    ['(a|b) {n}', ['a 1', 'b 2.3'], ['c 1', 'a x']],
    ['a *', ['a', 'a x y'], ['ab']],
    ['a*', ['a', 'abc'], ['b']],
    ['a - b', ['a b'], ['a - b']],
    ['c++ {release}', ['c++ 2015', 'c++ 2008 r2'], ['c 2015']],
  ])('%s', (source, yes, no) => {
    const { regex } = compileTemplate(source);
    for (const text of yes) expect(regex.test(text), text).toBe(true);
    for (const text of no) expect(regex.test(text), text).toBe(false);
    expect(isLinearSafe(regex.source)).toBe(true);
  });
  it.each(['a [b', 'a {what}', '* a * b *', '{edition} a'])('refuses %s', (source) => {
    expect(() => compileTemplate(source)).toThrow(source);
  });
  it('finds by first token what the expression matches', () => {
    for (const [source, name] of [
      ['[microsoft] visio {n}', 'visio 2'],
      ['[microsoft] visio {n}', 'microsoft visio 2'],
      ['7-zip', '7-zip'],
      ['python{release}', 'python3.11'],
      ['(a|b) x', 'b x'],
    ] as const) {
      const only: RulesetContent = {
        ...content,
        classes: [],
        products: [{ ...meta, key: 'contoso/x', name: 'X', publisher: 'contoso', titles: [source] }],
      };
      expect(recognise(title(name), compileRuleset(only, 'v')).productKey, name).toBe('contoso/x');
    }
  });
  it('globs by pieces', () => {
    expect(compileGlob('a*b*c')('a..b..c')).toBe(true);
    expect(compileGlob('a*b*c')('a..c')).toBe(false);
    expect(compileGlob('aa*aa')('aaa')).toBe(false);
    expect(compileGlob('*KB5*')('x_kb512')).toBe(true);
  });
});

it('refuses content that contradicts itself', () => {
  expect(() => compileRuleset({ ...content, products: [...content.products, ...content.products] }, 'v')).toThrow('twice');
  expect(() => compileRuleset({ ...content, publishers: [...content.publishers, { key: 'other', name: 'Contoso Ltd' }] }, 'v')).toThrow(
    'belongs to',
  );
  expect(() => compileRuleset({ ...content, publishers: [] }, 'v')).toThrow('unknown publisher');
});

it('suggests near names and nothing far', () => {
  const products = [
    { key: 'a/chrome', name: 'Google Chrome', publisher: 'Google' },
    { key: 'b/visio', name: 'Microsoft Visio', publisher: 'Microsoft' },
  ];
  expect(nearestProducts('google chrome portable', null, products).map((s) => s.product.key)).toEqual(['a/chrome']);
  expect(nearestProducts('visio', 'Microsoft', products)[0]?.product.key).toBe('b/visio');
  expect(nearestProducts('entirely different thing', null, products)).toEqual([]);
});
