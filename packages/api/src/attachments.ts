import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import type { Permission } from './permissions.ts';
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

const noteBody = z.strictObject({ text: z.string().trim().min(1).max(10_000) });
const byOwner = z.object({ id: idSchema });
const byAttachment = z.object({ id: idSchema, attachmentId: idSchema });
const byNote = z.object({ id: idSchema, noteId: idSchema });

/** What is attached to one record. */
export const attachedSchema = z.object({
  attachments: z.array(attachmentSchema),
  notes: z.array(noteSchema),
  /** Of assets; other records have none. */
  keywords: z.array(keywordRefSchema),
});
export type Attached = z.infer<typeof attachedSchema>;

/** A kind of record that has files and notes. */
interface Owner {
  path: string;
  /** For summaries: “an asset”. */
  one: string;
  read: Permission;
  write: Permission;
}

function fileRoutesOf(of: Owner) {
  const reads = { tag: 'Files and notes', access: of.read } as const;
  const writes = { tag: 'Files and notes', access: of.write } as const;
  const file = `${of.path}/:id/attachments/:attachmentId`;
  return {
    get: defineRoute({
      ...reads,
      method: 'GET',
      path: `${of.path}/:id/files-and-notes`,
      summary: `Files and notes of ${of.one}`,
      description: 'Newest first, at most 200 files and 200 notes.',
      params: byOwner,
      response: attachedSchema,
      errors: ['not_found'],
    }),
    upload: defineRoute({
      ...writes,
      method: 'POST',
      path: `${of.path}/:id/attachments`,
      summary: `Attach a file to ${of.one}`,
      description:
        'The body is the file itself, as `application/octet-stream`: `curl --data-binary @invoice.pdf`. What it is is told by its bytes: PDF, PNG, JPEG, WebP, GIF, text in UTF-8, and Word, Excel and PowerPoint files without macros are taken.',
      params: byOwner,
      query: z.object({
        name: z.string().min(1).max(1000).meta({ description: 'What it is called. Paths and control characters are taken off.' }),
      }),
      consumes: 'application/octet-stream',
      response: attachmentSchema,
      status: 201,
      errors: ['not_found', 'conflict', 'validation_failed', 'too_large', 'refused_content', 'unsupported_media', 'body_not_readable'],
    }),
    download: defineRoute({
      ...reads,
      method: 'GET',
      path: `${file}/content`,
      summary: `Download a file of ${of.one}`,
      params: byAttachment,
      query: z.object({ show: z.enum(['true', 'false']).optional().meta({ description: '`true` shows an image in the page.' }) }),
      produces: 'application/octet-stream',
      errors: ['not_found'],
    }),
    remove: defineRoute({
      ...writes,
      method: 'DELETE',
      path: file,
      summary: `Remove a file of ${of.one}`,
      params: byAttachment,
      errors: ['not_found', 'conflict'],
    }),
  };
}

function noteRoutesOf(of: Owner) {
  const writes = { tag: 'Files and notes', access: of.write } as const;
  const note = `${of.path}/:id/notes/:noteId`;
  return {
    addNote: defineRoute({
      ...writes,
      method: 'POST',
      path: `${of.path}/:id/notes`,
      summary: `Write a note on ${of.one}`,
      params: byOwner,
      body: noteBody,
      response: noteSchema,
      status: 201,
      errors: ['not_found', 'conflict', 'validation_failed'],
    }),
    editNote: defineRoute({
      ...writes,
      method: 'PATCH',
      path: note,
      summary: `Edit a note of ${of.one}`,
      description: 'What it said before is kept.',
      params: byNote,
      body: noteBody,
      response: noteSchema,
      ifMatch: true,
      errors: ['not_found', 'conflict', 'validation_failed', 'stale', 'if_match_required'],
    }),
    removeNote: defineRoute({
      ...writes,
      method: 'DELETE',
      path: note,
      summary: `Remove a note of ${of.one}`,
      description: 'What it said stays in the audit log.',
      params: byNote,
      errors: ['not_found', 'conflict'],
    }),
  };
}

/** The routes of files and notes below one kind of record. Whoever may read or change the record may read or change what is attached to it. */
const attachedRoutesOf = (of: Owner) => ({ ...fileRoutesOf(of), ...noteRoutesOf(of) });
export type AttachedRoutes = ReturnType<typeof attachedRoutesOf>;

export const assetAttached = attachedRoutesOf({ path: '/api/v1/assets', one: 'an asset', read: 'assets:read', write: 'assets:write' });
export const {
  get: getAttached,
  upload: uploadAttachment,
  download: downloadAttachment,
  remove: removeAttachment,
  addNote,
  editNote,
  removeNote,
} = assetAttached;
