import type { Readable } from 'node:stream';
import * as api from '@muster/api/attachments';
import * as words from '@muster/api/keywords';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { attachFile, detachFile, fileToSend, readAttached } from './attachments.ts';
import { deleteKeyword, markAssets, mergeKeyword, renameKeyword } from './keywords.ts';
import { addNote, editNote, removeNote } from './notes.ts';
import { attachmentListing, noteListing } from './store.ts';
import { keywordListing } from './store-keywords.ts';

const fileRoutes: HandledRoute[] = [
  ...listRoutes(attachmentListing, api.attachmentListRoutes),
  ...listRoutes(noteListing, api.noteListRoutes),
  handle(api.getAttached, async ({ db, actor, params }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readAttached(db, params.id);
  }),
  handle(api.uploadAttachment, ({ platform, actor, params, query, request, reply }) => {
    const length = request.headers['content-length'];
    // What is refused half way is not read to its end.
    reply.header('connection', 'close');
    const body = request.body as Readable;
    return attachFile(platform, actor, params.id, { name: query.name, body, length: length === undefined ? null : Number(length) });
  }),
  handle(api.downloadAttachment, async ({ db, platform, actor, params, query, reply }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    const { body, headers } = await fileToSend(platform, params.id, params.attachmentId, query.show === 'true');
    reply.headers(headers);
    return body as never;
  }),
  handle(
    api.removeAttachment,
    ({ db, platform, actor, params }) =>
      inTx(db, (tx) => detachFile(tx, actor, params.id, params.attachmentId, platform.now())) as Promise<undefined>,
  ),
];

const noteRoutes: HandledRoute[] = [
  handle(api.addNote, ({ db, platform, actor, params, body }) =>
    inTx(db, (tx) => addNote(tx, actor, params.id, body.text, platform.now())),
  ),
  handle(api.editNote, async ({ db, platform, actor, params, body, version, etag }) => {
    const at = { assetId: params.id, id: params.noteId, version };
    const note = await inTx(db, (tx) => editNote(tx, actor, at, body.text, platform.now()));
    etag(note.version);
    return note;
  }),
  handle(
    api.removeNote,
    ({ db, platform, actor, params }) =>
      inTx(db, (tx) => removeNote(tx, actor, params.id, params.noteId, platform.now())) as Promise<undefined>,
  ),
];

const keywordRoutes: HandledRoute[] = [
  ...listRoutes(keywordListing, words.keywordListRoutes),
  handle(words.addKeywords, ({ db, platform, actor, body }) => inTx(db, (tx) => markAssets(tx, actor, 'add', body, platform.now()))),
  handle(words.takeKeywords, ({ db, platform, actor, body }) => inTx(db, (tx) => markAssets(tx, actor, 'take', body, platform.now()))),
  // What changes the assets of the whole organisation needs the permission for all of it.
  ...everywhere([
    handle(words.renameKeyword, ({ db, actor, params, body }) => inTx(db, (tx) => renameKeyword(tx, actor, params.id, body.name))),
    handle(words.mergeKeyword, ({ db, actor, params, body }) => inTx(db, (tx) => mergeKeyword(tx, actor, params.id, body.into))),
    handle(words.deleteKeyword, ({ db, actor, params }) => inTx(db, (tx) => deleteKeyword(tx, actor, params.id)) as Promise<undefined>),
  ]),
];

export const attachmentRoutes: HandledRoute[] = [...fileRoutes, ...noteRoutes, ...keywordRoutes];
