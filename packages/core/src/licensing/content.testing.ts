import { readdirSync, readFileSync } from 'node:fs';
import { metricKeys } from '@muster/api/licensing';
import { type Exemptions, licenceRules, type LicenceRules, type MetricRule } from './rules.ts';

const content = new URL('../../../../content/metrics/', import.meta.url);

/** One worked example of content/metrics/examples.json. */
export interface MetricExample {
  id: string;
  metric: string;
  inputs: Record<string, unknown>;
  expected: Record<string, unknown>;
}

/** The rules of content/metrics, for tests of the pure engine. */
export function contentRules(): LicenceRules {
  const files = readdirSync(content).filter(
    (f) => f.endsWith('.json') && !f.endsWith('.schema.json') && f !== 'exemptions.json' && f !== 'examples.json',
  );
  return licenceRules(
    files.map((f) => read(f) as MetricRule),
    read('exemptions.json') as Exemptions,
    metricKeys,
  );
}
export function metricExamples(): MetricExample[] {
  return read('examples.json') as MetricExample[];
}
function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, content), 'utf8'));
}
