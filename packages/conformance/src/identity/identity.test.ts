import { describe, expect, test } from 'vitest';
import { createCorpus, scenarioNames } from './corpus.ts';
import { placeholderLists, runIdentity, targets } from './run.ts';
import { scoreCorpus } from './score.ts';

describe('the corpus', () => {
  test('a seed gives the same reports, another one others', () => {
    const corpus = createCorpus(7, 2000);
    expect(createCorpus(7, 2000)).toEqual(corpus);
    expect(createCorpus(8, 2000)).not.toEqual(corpus);
    expect(corpus.length).toBeGreaterThanOrEqual(2000);
  });
  test('tells every kind of story and comes in the order of receipt', () => {
    const corpus = createCorpus(3, 1);
    expect(new Set(corpus.map((e) => e.scenario))).toEqual(new Set(scenarioNames));
    expect(corpus.every((e, i) => i === 0 || e.at >= (corpus[i - 1]?.at ?? 0))).toBe(true);
  });
});

describe('the score', () => {
  test('reaches the targets on a small corpus', () => {
    const score = scoreCorpus(createCorpus(11, 5000), placeholderLists);
    expect(score.precision).toBeGreaterThanOrEqual(targets.precision);
    expect(score.recall).toBeGreaterThanOrEqual(targets.recall);
  });
  test('counts a wrong merge and a missed one', () => {
    const [entry] = createCorpus(5, 1);
    if (!entry) throw new Error('The corpus is empty');
    const facts = { ...entry.facts, manufacturer: 'Dell Inc.', serial: '7XK21M3', uuid: null, interfaces: null, vmSystem: null };
    const report = (nativeId: string, machine: string, serial: string) => ({
      ...entry,
      partial: false,
      nativeId,
      machine,
      facts: { ...facts, serial, agentId: nativeId },
    });
    const merged = scoreCorpus([report('a', 'one', '7XK21M3'), report('b', 'two', '7XK21M3')], placeholderLists);
    expect(merged).toMatchObject({ precision: 0, recall: 1, clusters: 1, machines: 2 });
    const missed = scoreCorpus([report('a', 'one', '7XK21M3'), report('b', 'one', '8YL32N4')], placeholderLists);
    expect(missed).toMatchObject({ precision: 1, recall: 0, clusters: 2, machines: 1 });
  });
});

test('wrong options are answered with the usage', () => {
  const lines: string[] = [];
  for (const args of [['--seed', 'x'], ['--observations', '0'], ['--unknown'], ['--seed']])
    expect(runIdentity(args, (line) => lines.push(line))).toBe(2);
  expect(lines.every((line) => line.includes('Usage'))).toBe(true);
});
