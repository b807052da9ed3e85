import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What a stored file is, told by its bytes. */
export const fileKinds = ['pdf', 'png', 'jpeg', 'webp', 'gif', 'text', 'csv', 'docx', 'xlsx', 'pptx'] as const;
export type FileKind = (typeof fileKinds)[number];
/** What a browser may show in the page. */
export const shownKinds: readonly FileKind[] = ['png', 'jpeg', 'webp', 'gif'];

export const attachmentResource = defineResource({
  name: 'attachments',
  label: 'Attachment',
  plural: 'Attachments',
  titleField: 'name',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, filterable: true },
    kind: { type: 'enum', label: 'Kind of file', values: fileKinds, notNull: true, filterable: true, facet: true },
    bytes: { type: 'integer', label: 'Size', unit: 'B', notNull: true, filterable: true },
    uploadedBy: { type: 'text', label: 'Uploaded by', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Uploaded', notNull: true, sortable: true, filterable: true },
  },
});
export const attachmentListRoutes = listRoutesOf(attachmentResource, '/api/v1/attachments', 'assets:read');

export const noteResource = defineResource({
  name: 'asset-notes',
  label: 'Note',
  plural: 'Notes',
  titleField: 'text',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true },
    text: { type: 'text', label: 'Text', notNull: true, filterable: true },
    author: { type: 'text', label: 'Author', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Written', notNull: true, sortable: true, filterable: true },
    editedAt: { type: 'instant', label: 'Edited', filterable: true },
  },
});
export const noteListRoutes = listRoutesOf(noteResource, '/api/v1/asset-notes', 'assets:read');

export const attachmentSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(fileKinds),
  bytes: z.number().int(),
  sha256: z.string(),
  uploadedBy: z.string(),
  createdAt: instantSchema,
});
export type Attachment = z.infer<typeof attachmentSchema>;

export const noteSchema = z.object({
  id: idSchema,
  text: z.string(),
  author: z.string(),
  createdAt: instantSchema,
  editedAt: instantSchema.nullable(),
  editedBy: z.string().nullable(),
  /** To send back as If-Match. */
  version: z.number().int(),
  /** What it said before, newest first. */
  earlier: z.array(z.object({ text: z.string(), by: z.string(), at: instantSchema })),
});
export type Note = z.infer<typeof noteSchema>;

export const keywordRefSchema = z.object({ id: idSchema, name: z.string() });

const tag = 'Files and notes';
const byAsset = z.object({ id: idSchema });
const byAttachment = z.object({ id: idSchema, attachmentId: idSchema });
const byNote = z.object({ id: idSchema, noteId: idSchema });

export const getAttached = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/files-and-notes',
  tag,
  access: 'assets:read',
  summary: 'Files, notes and keywords of an asset',
  description: 'Newest first, at most 200 files and 200 notes; the lists `attachments` and `asset-notes` page through all.',
  params: byAsset,
  response: z.object({ attachments: z.array(attachmentSchema), notes: z.array(noteSchema), keywords: z.array(keywordRefSchema) }),
  errors: ['not_found'],
});

export const uploadAttachment = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/attachments',
  tag,
  access: 'assets:write',
  summary: 'Attach a file to an asset',
  description:
    'The body is the file itself, as `application/octet-stream`: `curl --data-binary @invoice.pdf`. What it is is told by its bytes: PDF, PNG, JPEG, WebP, GIF, text in UTF-8, and Word, Excel and PowerPoint files without macros are taken.',
  params: byAsset,
  query: z.object({
    name: z.string().min(1).max(1000).meta({ description: 'What it is called. Paths and control characters are taken off.' }),
  }),
  consumes: 'application/octet-stream',
  response: attachmentSchema,
  status: 201,
  errors: ['not_found', 'conflict', 'validation_failed', 'too_large', 'refused_content', 'unsupported_media', 'body_not_readable'],
});

export const downloadAttachment = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/attachments/:attachmentId/content',
  tag,
  access: 'assets:read',
  summary: 'Download an attached file',
  params: byAttachment,
  query: z.object({ show: z.enum(['true', 'false']).optional().meta({ description: '`true` shows an image in the page.' }) }),
  produces: 'application/octet-stream',
  errors: ['not_found'],
});

export const removeAttachment = defineRoute({
  method: 'DELETE',
  path: '/api/v1/assets/:id/attachments/:attachmentId',
  tag,
  access: 'assets:write',
  summary: 'Remove an attached file',
  params: byAttachment,
  errors: ['not_found', 'conflict'],
});

const noteBody = z.strictObject({ text: z.string().trim().min(1).max(10_000) });

export const addNote = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/notes',
  tag,
  access: 'assets:write',
  summary: 'Write a note on an asset',
  params: byAsset,
  body: noteBody,
  response: noteSchema,
  status: 201,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

export const editNote = defineRoute({
  method: 'PATCH',
  path: '/api/v1/assets/:id/notes/:noteId',
  tag,
  access: 'assets:write',
  summary: 'Edit a note',
  description: 'What it said before is kept.',
  params: byNote,
  body: noteBody,
  response: noteSchema,
  ifMatch: true,
  errors: ['not_found', 'conflict', 'validation_failed', 'stale', 'if_match_required'],
});

export const removeNote = defineRoute({
  method: 'DELETE',
  path: '/api/v1/assets/:id/notes/:noteId',
  tag,
  access: 'assets:write',
  summary: 'Remove a note',
  description: 'What it said stays in the audit log.',
  params: byNote,
  errors: ['not_found', 'conflict'],
});
