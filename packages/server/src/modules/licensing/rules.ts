import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricKeys, metricKeySchema } from '@muster/api/licensing';
import { licenceRules, type LicenceRules } from '@muster/core/licensing';
import { z } from 'zod';

const folder = join(import.meta.dirname, '..', '..', '..', '..', '..', 'content', 'metrics');

const source = z.strictObject({ title: z.string().min(1), url: z.url().nullable(), confidence: z.enum(['high', 'medium', 'low']) });
const version = z.iso.date();

/** A metric file of content/metrics; metric.schema.json says the same for editors. */
export const metricFileSchema = z.strictObject({
  $schema: z.string().optional(),
  key: metricKeySchema,
  version,
  order: z.number().int(),
  name: z.string().min(1),
  explanation: z.string().min(1),
  formula: z.string().min(1),
  unit: z.string().min(1),
  rounding: z.string().min(1),
  needs: z.array(z.strictObject({ fact: z.string(), label: z.string(), boundedBy: z.string() })),
  attributes: z.array(z.strictObject({ key: z.string(), value: z.number().nullable(), about: z.string(), source })),
  defaultFor: z.array(z.string()),
  source,
  effectiveFrom: version.nullable(),
  effectiveTo: version.nullable(),
});
const exemptionsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  version,
  kinds: z.array(z.strictObject({ kind: z.string(), reason: z.string(), sentence: z.string() })),
  states: z.array(z.strictObject({ state: z.string(), reason: z.string(), sentence: z.string() })),
  freeEditions: z.array(z.strictObject({ product: z.string(), edition: z.string(), source })),
});

let loaded: LicenceRules | undefined;

/** The metric rules of content/metrics, read and checked once per process. Throws with the file and path of what is wrong. */
export function shippedRules(): LicenceRules {
  loaded ??= readRules();
  return loaded;
}

function readRules(): LicenceRules {
  const files = readdirSync(folder)
    .filter((f) => f.endsWith('.json') && !f.endsWith('.schema.json') && f !== 'exemptions.json' && f !== 'examples.json')
    .toSorted();
  return licenceRules(
    files.map((f) => parse(metricFileSchema, f)),
    parse(exemptionsFileSchema, 'exemptions.json'),
    metricKeys,
  );
}

function parse<T>(schema: z.ZodType<T>, file: string): T {
  const parsed = schema.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  if (!parsed.success) throw new Error(`content/metrics/${file} is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
