import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const handoverLanguages = ['en', 'de'] as const;
export type HandoverLanguage = (typeof handoverLanguages)[number];
export const handoverStates = ['pending', 'accepted', 'declined', 'withdrawn'] as const;
const languageSchema = z.enum(handoverLanguages);
const tag = 'Hand-over documents';
const params = z.object({ id: idSchema });

/** What people accept when they sign. A version never changes; a new one takes its place for what is signed from then on. */
export const acceptanceTextResource = defineResource({
  name: 'acceptance-texts',
  label: 'Acceptance text',
  plural: 'Acceptance texts',
  titleField: 'title',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    title: { type: 'text', label: 'Title', notNull: true, sortable: true, filterable: true },
    language: { type: 'enum', label: 'Language', values: handoverLanguages, notNull: true, sortable: true, filterable: true, facet: true },
    textVersion: { type: 'integer', label: 'Version', notNull: true, sortable: true, filterable: true },
    inForce: { type: 'boolean', label: 'In force', notNull: true, filterable: true, facet: true },
    documents: { type: 'integer', label: 'Documents', about: 'Documents made with this version.', notNull: true },
    sha256: { type: 'text', label: 'SHA-256', notNull: true, filterable: true, column: 'optional' },
    createdBy: { type: 'text', label: 'Written by', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
  },
});
const textsPath = '/api/v1/acceptance-texts';
export const acceptanceTextListRoutes = listRoutesOf(acceptanceTextResource, textsPath, 'settings:read');
export const acceptanceTextSchema = z.object({
  id: idSchema,
  language: languageSchema,
  textVersion: z.number().int(),
  title: z.string(),
  body: z.string(),
  sha256: z.string().meta({ description: 'Of the UTF-8 bytes of the title, a line feed and the body, in hexadecimal.' }),
  inForce: z.boolean(),
  createdBy: z.string(),
  createdAt: instantSchema,
});
export type AcceptanceText = z.infer<typeof acceptanceTextSchema>;
export const getAcceptanceText = defineRoute({
  method: 'GET',
  path: `${textsPath}/:id`,
  tag,
  access: 'settings:read',
  summary: 'Read a version of an acceptance text',
  params,
  response: acceptanceTextSchema,
  errors: ['not_found'],
});
export const createAcceptanceText = defineRoute({
  method: 'POST',
  path: textsPath,
  tag,
  access: 'settings:write',
  summary: 'Add a version of the acceptance text of a language',
  description: 'Documents that exist keep the version they were made with.',
  body: z.strictObject({
    language: languageSchema,
    title: z.string().trim().min(1).max(200),
    body: z.string().trim().min(1).max(20_000),
    inForce: z.boolean().default(true),
  }),
  response: acceptanceTextSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const putTextInForce = defineRoute({
  method: 'POST',
  path: `${textsPath}/:id/put-in-force`,
  tag,
  access: 'settings:write',
  summary: 'Use this version for new documents of its language',
  params,
  response: acceptanceTextSchema,
  errors: ['not_found'],
});

/** What one person was handed, on paper or on screen, and whether they accepted it. */
export const handoverDocumentResource = defineResource({
  name: 'handover-documents',
  label: 'Hand-over document',
  plural: 'Hand-over documents',
  titleField: 'number',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    number: { type: 'text', label: 'Number', notNull: true, sortable: true, filterable: true },
    person: { type: 'ref', to: 'people', label: 'Person', notNull: true, sortable: true, filterable: true },
    state: { type: 'enum', label: 'State', values: handoverStates, notNull: true, sortable: true, filterable: true, facet: true },
    assets: { type: 'integer', label: 'Assets', notNull: true },
    language: { type: 'enum', label: 'Language', values: handoverLanguages, notNull: true, filterable: true, facet: true },
    textVersion: { type: 'integer', label: 'Text version', notNull: true, filterable: true },
    issuedBy: { type: 'text', label: 'Handed over by', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
    decidedAt: { type: 'instant', label: 'Decided', sortable: true, filterable: true },
  },
});
const documentsPath = '/api/v1/handover-documents';
export const handoverDocumentListRoutes = listRoutesOf(handoverDocumentResource, documentsPath, 'people:read');

/** An asset as it was when the document was made. */
export const handoverAssetSchema = z.object({
  id: idSchema,
  label: z.string(),
  tag: z.string().nullable(),
  serial: z.string().nullable(),
  model: z.string().nullable(),
  class: z.string(),
});
export type HandoverAsset = z.infer<typeof handoverAssetSchema>;
const shown = {
  number: z.string(),
  state: z.enum(handoverStates),
  language: languageSchema,
  issuedBy: z.string(),
  createdAt: instantSchema,
  text: z.object({ textVersion: z.number().int(), title: z.string(), body: z.string(), sha256: z.string() }),
  assets: z.array(handoverAssetSchema),
};
export const handoverDocumentSchema = z.object({
  id: idSchema,
  ...shown,
  person: refSchema,
  decidedAt: instantSchema.nullable(),
  decidedBy: z.string().nullable().meta({ description: 'Who took the decision down: a user, or the signed link.' }),
  signature: z
    .object({ kind: z.enum(['typed', 'drawn']), name: z.string(), png: z.string().nullable().meta({ description: 'Base64.' }) })
    .nullable(),
  reason: z.string().nullable().meta({ description: 'Why it was declined or withdrawn.' }),
  link: z
    .object({ expiresAt: instantSchema, createdBy: z.string() })
    .nullable()
    .meta({ description: 'The link that is open, without its token.' }),
});
export type HandoverDocument = z.infer<typeof handoverDocumentSchema>;

/** Characters of a drawn signature as base64: about 150 KiB of PNG. */
export const signatureLimit = 200_000;
const signer = z.string().trim().min(1).max(200).meta({ description: 'The name of whoever signs.' });
export const signatureSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('typed'), name: signer }),
  z.strictObject({
    kind: z.literal('drawn'),
    name: signer,
    png: z
      .string()
      .max(signatureLimit)
      .regex(/^[A-Za-z0-9+/]+=*$/, 'a PNG as base64'),
  }),
]);
export type Signature = z.infer<typeof signatureSchema>;
const reason = z.string().trim().max(1000);

export const getHandoverDocument = defineRoute({
  method: 'GET',
  path: `${documentsPath}/:id`,
  tag,
  access: 'people:read',
  summary: 'Read a hand-over document',
  params,
  response: handoverDocumentSchema,
  errors: ['not_found'],
});
export const createHandoverDocument = defineRoute({
  method: 'POST',
  path: documentsPath,
  tag,
  access: 'assets:write',
  summary: 'Make a hand-over document of what a person holds',
  description:
    'Of the assets given, or of everything the person holds that no pending or accepted document covers. Another check-out needs another document.',
  body: z.strictObject({ personId: idSchema, assets: z.array(idSchema).min(1).max(500).optional(), language: languageSchema }),
  response: handoverDocumentSchema,
  status: 201,
  errors: ['validation_failed', 'not_found', 'conflict'],
});
export const acceptHandover = defineRoute({
  method: 'POST',
  path: `${documentsPath}/:id/accept`,
  tag,
  access: 'assets:write',
  summary: 'Take down that the person accepts, with the signature',
  description: 'Refused once it is decided (`decided`), and when the person has one of the assets no longer (`no_longer_held`).',
  params,
  body: z.strictObject({ signature: signatureSchema }),
  response: handoverDocumentSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});
export const declineHandover = defineRoute({
  method: 'POST',
  path: `${documentsPath}/:id/decline`,
  tag,
  access: 'assets:write',
  summary: 'Take down that the person declines',
  params,
  body: z.strictObject({ reason: reason.optional() }),
  response: handoverDocumentSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});
export const withdrawHandover = defineRoute({
  method: 'POST',
  path: `${documentsPath}/:id/withdraw`,
  tag,
  access: 'assets:write',
  summary: 'Withdraw a document that is not decided yet',
  description: 'Ends its link. The person keeps what they have, and a new document can be made of it.',
  params,
  body: z.strictObject({ reason: reason.min(1).optional() }),
  response: handoverDocumentSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});
export const makeHandoverLink = defineRoute({
  method: 'POST',
  path: `${documentsPath}/:id/links`,
  tag,
  access: 'assets:write',
  summary: 'Make a link by which the person accepts without an account',
  description: 'Shown once; it is kept as a hash. It ends an earlier link of the document, works for one decision, and expires.',
  params,
  body: z.strictObject({ days: z.number().int().min(1).max(60).default(14) }),
  response: z.object({ url: z.string(), expiresAt: instantSchema }),
  status: 201,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
export const handoverPdf = defineRoute({
  method: 'GET',
  path: `${documentsPath}/:id/pdf`,
  tag,
  access: 'people:read',
  summary: 'A hand-over document as PDF',
  params,
  produces: 'application/pdf',
  errors: ['not_found'],
});

export const getPersonHandover = defineRoute({
  method: 'GET',
  path: '/api/v1/people/:id/handover',
  tag,
  access: 'people:read',
  summary: 'What of a person’s assets no document covers',
  params,
  response: z.object({
    uncovered: z.array(handoverAssetSchema),
    languages: z.array(languageSchema).meta({ description: 'Those with a text in force.' }),
  }),
  errors: ['not_found'],
});

const token = z.object({ token: z.string().min(20).max(100) });
export const offeredHandoverSchema = z.object({
  ...shown,
  assets: z.array(handoverAssetSchema.omit({ id: true })),
  organisation: z.string(),
  person: z.string(),
  expiresAt: instantSchema,
});
export const readOfferedHandover = defineRoute({
  method: 'GET',
  path: '/api/v1/accept/:token',
  tag,
  access: 'public',
  summary: 'Read the document behind a signed link',
  description: 'That document and nothing else. Limited per address.',
  params: token,
  response: offeredHandoverSchema,
  errors: ['link_expired', 'too_many_requests'],
});
export const decideOfferedHandover = defineRoute({
  method: 'POST',
  path: '/api/v1/accept/:token',
  tag,
  access: 'public',
  summary: 'Accept or decline the document behind a signed link',
  description: 'Once; the link is used up by it. Limited per address.',
  params: token,
  body: z.discriminatedUnion('decision', [
    z.strictObject({ decision: z.literal('accepted'), signature: signatureSchema }),
    z.strictObject({ decision: z.literal('declined'), reason: reason.optional() }),
  ]),
  response: z.object({ state: z.enum(handoverStates) }),
  errors: ['link_expired', 'conflict', 'validation_failed', 'too_many_requests'],
});
