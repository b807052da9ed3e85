import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { pageSchema } from './listing.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What a raw title turned out to be. Only `product` and `os` are things somebody may need a licence for. */
export const recognitionKinds = ['product', 'os', 'update', 'runtime', 'driver', 'component', 'language_pack', 'plugin'] as const;
export const recognitionKindSchema = z.enum(recognitionKinds);
export type RecognitionKind = z.infer<typeof recognitionKindSchema>;

/** How sure a recognition is: a code or a person decided (`certain`), a rule with publisher and name (`high`), name alone (`medium`), a naming convention (`low`). */
export const confidences = ['certain', 'high', 'medium', 'low', 'none'] as const;
export type Confidence = (typeof confidences)[number];

/** Shelves of the product catalogue. */
export const productCategories = [
  'agent',
  'archive',
  'backup',
  'browser',
  'business',
  'cad',
  'cloud',
  'collaboration',
  'database',
  'design',
  'developer',
  'driver',
  'engineering',
  'file_transfer',
  'mail',
  'media',
  'network',
  'office',
  'operating_system',
  'pdf',
  'remote_access',
  'runtime',
  'security',
  'server',
  'system',
  'virtualisation',
  'vpn',
  'other',
] as const;
export const productCategorySchema = z.enum(productCategories);

/** `suite`, `app` and `server` are products; the others are kept apart from what is licensed. */
export const productKinds = ['product', 'os', 'runtime', 'driver', 'component', 'plugin'] as const;
export const productKindSchema = z.enum(productKinds);

const channels = ['msi', 'registry', 'appx', 'deb', 'rpm', 'apk', 'pacman', 'brew', 'bundle', 'snap', 'flatpak', 'os', 'other'] as const;

export const productResource = defineResource({
  name: 'products',
  label: 'Product',
  plural: 'Products',
  titleField: 'name',
  defaultSort: '-assets',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, aliases: ['product'] },
    key: {
      type: 'text',
      label: 'Key',
      about: 'The stable key of the catalogue row; `local/...` for a product made here.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    publisher: {
      type: 'ref',
      to: 'publishers',
      label: 'Publisher',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      aliases: ['vendor'],
    },
    category: { type: 'enum', values: productCategories, label: 'Category', notNull: true, sortable: true, filterable: true, facet: true },
    kind: { type: 'enum', values: productKinds, label: 'Kind', notNull: true, sortable: true, filterable: true, facet: true },
    licensable: {
      type: 'boolean',
      label: 'Licensable',
      about: 'Whether using it needs a bought right, so that it takes part in licence positions.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    assets: {
      type: 'integer',
      label: 'Assets',
      about: 'Assets on which it is installed now.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    installations: {
      type: 'integer',
      label: 'Installations',
      about: 'Installations now; an asset with two versions counts twice.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    source: {
      type: 'enum',
      values: ['content', 'local'],
      label: 'Source',
      about: '`content`: from the open catalogue. `local`: made here.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    updatedAt: { type: 'instant', label: 'Updated', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

export const publisherResource = defineResource({
  name: 'publishers',
  label: 'Publisher',
  plural: 'Publishers',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    key: { type: 'text', label: 'Key', notNull: true, sortable: true, filterable: true, column: 'optional' },
    source: { type: 'enum', values: ['content', 'local'], label: 'Source', notNull: true, sortable: true, filterable: true, facet: true },
    products: { type: 'integer', label: 'Products', notNull: true },
  },
});

export const evidenceResource = defineResource({
  name: 'evidence',
  label: 'Raw title',
  plural: 'Raw titles',
  titleField: 'name',
  defaultSort: '-installations',
  fields: {
    id: { type: 'integer', label: 'Id', notNull: true, column: 'optional' },
    name: { type: 'text', label: 'Raw name', notNull: true, sortable: true, filterable: true, aliases: ['title'] },
    version: { type: 'text', label: 'Raw version', filterable: true },
    publisher: { type: 'text', label: 'Raw publisher', sortable: true, filterable: true, aliases: ['vendor'] },
    channel: {
      type: 'enum',
      values: channels,
      label: 'Channel',
      about: 'How the title was packaged: msi, registry, deb, bundle, ...',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    arch: { type: 'text', label: 'Architecture', filterable: true, column: 'optional' },
    code: { type: 'text', label: 'Code', about: 'Product code, package family name or bundle id.', filterable: true, column: 'optional' },
    installations: { type: 'integer', label: 'Installations', notNull: true, sortable: true, filterable: true },
    firstSeenAt: { type: 'instant', label: 'First seen', notNull: true, sortable: true, filterable: true, column: 'optional' },
    product: { type: 'ref', to: 'products', label: 'Product', sortable: true, filterable: true },
    edition: { type: 'text', label: 'Edition', filterable: true, column: 'optional' },
    release: { type: 'text', label: 'Release', filterable: true, column: 'optional' },
    kind: { type: 'enum', values: recognitionKinds, label: 'Kind', filterable: true, facet: true },
    rule: { type: 'text', label: 'Rule', filterable: true, column: 'optional' },
    confidence: { type: 'enum', values: confidences, label: 'Confidence', filterable: true, facet: true, column: 'optional' },
    recognised: {
      type: 'boolean',
      label: 'Recognised',
      about: 'A rule knew what it is; components and updates count as recognised without being a product.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'none',
    },
  },
});

export const recognitionRuleResource = defineResource({
  name: 'recognition-rules',
  label: 'Local rule',
  plural: 'Local rules',
  titleField: 'namePattern',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    namePattern: {
      type: 'text',
      label: 'Title',
      about: 'The raw title it matches; `*` stands for any text.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    publisher: { type: 'text', label: 'Raw publisher', filterable: true },
    channel: { type: 'text', label: 'Channel', filterable: true },
    product: { type: 'ref', to: 'products', label: 'Product', notNull: true, sortable: true, filterable: true },
    edition: { type: 'text', label: 'Edition', filterable: true },
    createdBy: { type: 'text', label: 'Created by', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
    retiredAt: { type: 'instant', label: 'Retired', sortable: true, filterable: true },
  },
});

export const productListRoutes = listRoutesOf(productResource, '/api/v1/products', 'software:read');
export const publisherListRoutes = listRoutesOf(publisherResource, '/api/v1/publishers', 'software:read');
export const evidenceListRoutes = listRoutesOf(evidenceResource, '/api/v1/evidence', 'software:read');
export const recognitionRuleListRoutes = listRoutesOf(recognitionRuleResource, '/api/v1/recognition-rules', 'software:read');

/** One raw title in short, with what it became. */
export const evidenceBriefSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  version: z.string().nullable(),
  publisher: z.string().nullable(),
  channel: z.string(),
  installations: z.number().int(),
});

const countedSchema = z.object({ value: z.string().nullable(), evidence: z.number().int(), installations: z.number().int() });

export const productDetailSchema = z.object({
  id: idSchema,
  key: z.string(),
  name: z.string(),
  publisher: refSchema,
  category: productCategorySchema,
  kind: productKindSchema,
  licensable: z.boolean(),
  /** Products that come with it when it is a suite. */
  includes: z.array(refSchema),
  /** Suites it comes with. */
  includedIn: z.array(refSchema),
  assets: z.number().int(),
  installations: z.number().int(),
  source: z.enum(['content', 'local']),
  updatedAt: instantSchema,
  version: z.number().int(),
  /** From the catalogue: where the row's facts were taken from, and when they were last reviewed. Null for a local product. */
  catalogue: z
    .object({ source: z.string(), reviewedOn: z.string(), platforms: z.array(z.string()), editions: z.array(z.string()) })
    .nullable(),
  editions: z.array(countedSchema),
  releases: z.array(countedSchema),
  topEvidence: z.array(evidenceBriefSchema.extend({ edition: z.string().nullable(), release: z.string().nullable(), rule: z.string() })),
  rules: z.array(z.object({ rule: z.string(), local: z.boolean(), evidence: z.number().int(), installations: z.number().int() })),
});
export type ProductDetail = z.infer<typeof productDetailSchema>;

/** One step of a recognition, in the order it was taken. `text` is a sentence for people. */
export const recognitionStepSchema = z.object({
  stage: z.enum(['code', 'publisher', 'clean', 'local', 'rule', 'class', 'none']),
  text: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
});

export const evidenceDetailSchema = z.object({
  id: z.number().int(),
  /** The raw fact as reported; never altered. */
  name: z.string(),
  version: z.string().nullable(),
  publisher: z.string().nullable(),
  channel: z.string(),
  arch: z.string().nullable(),
  code: z.string().nullable(),
  firstSeenAt: instantSchema,
  installations: z.number().int(),
  assets: z.number().int(),
  recognition: z.object({
    product: refSchema.nullable(),
    /** The product an update, component or language pack belongs to. */
    partOf: refSchema.nullable(),
    publisher: refSchema.nullable(),
    edition: z.string().nullable(),
    release: z.string().nullable(),
    version: z.string().nullable(),
    kind: recognitionKindSchema,
    rule: z.string(),
    confidence: z.enum(confidences),
    ruleset: z.string(),
    at: instantSchema,
  }),
  /** The recognition explained step by step, under the rules of now. */
  steps: z.array(recognitionStepSchema),
  /** False when the stored recognition is of an older ruleset and a re-recognition is still to come. */
  current: z.boolean(),
});
export type EvidenceDetail = z.infer<typeof evidenceDetailSchema>;

export const unrecognisedGroupSchema = z.object({
  /** The name without version, bitness, language and marks: what the titles of the group have in common. */
  name: z.string(),
  publisher: z.string().nullable(),
  channels: z.array(z.string()),
  evidence: z.number().int(),
  installations: z.number().int(),
  samples: z.array(evidenceBriefSchema),
  suggestions: z.array(refSchema.extend({ publisher: z.string(), /** 0 to 1. */ similarity: z.number() })),
  /** A pattern that matches the group's titles, ready for a local rule. */
  suggestedPattern: z.string(),
});
export type UnrecognisedGroup = z.infer<typeof unrecognisedGroupSchema>;

const name = z.string().trim().min(1).max(200);

export const recognitionRuleInputSchema = z.object({
  /** The raw title; `*` stands for any text. Case does not matter. */
  namePattern: z
    .string()
    .trim()
    .min(2)
    .max(300)
    .refine((p) => /[^*\s]{2}/.test(p), 'Give at least two characters besides *'),
  /** The raw publisher, exactly (case does not matter); null for any. */
  publisher: z.string().trim().min(1).max(300).nullable().default(null),
  channel: z.enum(channels).nullable().default(null),
  productId: idSchema,
  edition: z.string().trim().min(1).max(100).nullable().default(null),
});
export type RecognitionRuleInput = z.infer<typeof recognitionRuleInputSchema>;

export const recognitionRuleSchema = z.object({
  id: idSchema,
  namePattern: z.string(),
  publisher: z.string().nullable(),
  channel: z.string().nullable(),
  product: refSchema,
  edition: z.string().nullable(),
  createdBy: z.string(),
  createdAt: instantSchema,
  retiredAt: instantSchema.nullable(),
  version: z.number().int(),
});

export const ruleEffectSchema = z.object({
  /** Evidence and installations the rule matches, and how many of them change product by it. */
  evidence: z.number().int(),
  installations: z.number().int(),
  changes: z.number().int(),
  samples: z.array(evidenceBriefSchema.extend({ product: refSchema.nullable() })),
});

export const productInputSchema = z
  .object({
    name,
    /** An existing publisher's id, or a name: found by name, else made. */
    publisherId: idSchema.optional(),
    publisherName: name.optional(),
    category: productCategorySchema,
    kind: productKindSchema.default('product'),
    licensable: z.boolean().default(false),
  })
  .refine((p) => (p.publisherId === undefined) !== (p.publisherName === undefined), {
    path: ['publisherId'],
    message: 'Give publisherId or publisherName',
  });
export type ProductInput = z.infer<typeof productInputSchema>;

export const productPatchSchema = z.object({
  name: name.optional(),
  category: productCategorySchema.optional(),
  licensable: z.boolean().optional(),
});

const byId = z.object({ id: idSchema });

export const getProduct = defineRoute({
  method: 'GET',
  path: '/api/v1/products/:id',
  summary: 'Get a product',
  tag: 'Software',
  access: 'software:read',
  params: byId,
  response: productDetailSchema,
  errors: ['not_found'],
});
export const createProduct = defineRoute({
  method: 'POST',
  path: '/api/v1/products',
  summary: 'Create a local product',
  tag: 'Software',
  access: 'software:write',
  body: productInputSchema,
  response: productDetailSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const patchProduct = defineRoute({
  method: 'PATCH',
  path: '/api/v1/products/:id',
  summary: 'Change a local product',
  description: 'A product of the catalogue can only have `licensable` changed.',
  tag: 'Software',
  access: 'software:write',
  params: byId,
  body: productPatchSchema,
  response: productDetailSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'stale', 'conflict'],
});
export const getEvidence = defineRoute({
  method: 'GET',
  path: '/api/v1/evidence/:id',
  summary: 'Get a raw title with its recognition explained',
  tag: 'Software',
  access: 'software:read',
  params: z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) }),
  response: evidenceDetailSchema,
  errors: ['not_found'],
});
export const listUnrecognised = defineRoute({
  method: 'GET',
  path: '/api/v1/evidence/unrecognised',
  summary: 'List unrecognised titles, grouped, by installations',
  tag: 'Software',
  access: 'software:read',
  query: z.object({
    q: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().max(2000).optional(),
  }),
  response: pageSchema(unrecognisedGroupSchema),
  errors: ['bad_cursor'],
});
/** With `?preview=true` nothing is written: `rule` and `jobId` are null and `effect` says what would change. */
export const createRecognitionRule = defineRoute({
  method: 'POST',
  path: '/api/v1/recognition-rules',
  summary: 'Map titles to a product',
  description: 'Becomes a local rule that stands before the catalogue’s rules. Applied at once; with many titles, by a job.',
  tag: 'Software',
  access: 'software:write',
  query: z.object({ preview: z.enum(['true', 'false']).default('false') }),
  body: recognitionRuleInputSchema,
  response: z.object({ rule: recognitionRuleSchema.nullable(), effect: ruleEffectSchema, jobId: idSchema.nullable() }),
  errors: ['validation_failed', 'conflict'],
});
export const retireRecognitionRule = defineRoute({
  method: 'POST',
  path: '/api/v1/recognition-rules/:id/retire',
  summary: 'Retire a local rule',
  description: 'The titles it matched get back the meaning they have without it.',
  tag: 'Software',
  access: 'software:write',
  params: byId,
  response: z.object({ rule: recognitionRuleSchema, effect: ruleEffectSchema, jobId: idSchema.nullable() }),
  errors: ['not_found', 'conflict'],
});
export const rerunRecognition = defineRoute({
  method: 'POST',
  path: '/api/v1/recognition/rerun',
  summary: 'Recognise all evidence again',
  tag: 'Software',
  access: 'software:write',
  response: z.object({ jobId: idSchema }),
  status: 202,
});
export const getRecognitionState = defineRoute({
  method: 'GET',
  path: '/api/v1/recognition',
  summary: 'Get the ruleset in use and how much it recognises',
  tag: 'Software',
  access: 'software:read',
  response: z.object({
    ruleset: z.string(),
    products: z.number().int(),
    publishers: z.number().int(),
    rules: z.number().int(),
    localRules: z.number().int(),
    evidence: z.object({
      total: z.number().int(),
      recognised: z.number().int(),
      unrecognised: z.number().int(),
      outdated: z.number().int(),
    }),
    installations: z.object({ total: z.number().int(), recognised: z.number().int() }),
  }),
});
