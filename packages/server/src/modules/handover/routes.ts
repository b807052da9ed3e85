import * as api from '@muster/api/handover';
import * as kits from '@muster/api/kits';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { reachableAssets } from '../assets/index.ts';
import { readSettings } from '../operations/index.ts';
import { readPerson } from '../people/index.ts';
import { decide, makeDocument, mustReachForWriting, presentDocument, readDocument } from './documents.ts';
import { giveKitTo } from './give-kit.ts';
import { addKit, changeKit, dropKit, proposalFor, readKit } from './kits.ts';
import { decideOffered, makeLink, readOffered } from './links.ts';
import { pdfOfDocument } from './pdf.ts';
import { documentListing, heldBy } from './store-documents.ts';
import { kitListing } from './store-kits.ts';
import { languagesInForce, textListing } from './store-texts.ts';
import { addText, putInForce, readText } from './texts.ts';

const kitRoutes: HandledRoute[] = [
  // Kits belong to no part of the organisation; giving one reaches only as far as the role does.
  ...everywhere(listRoutes(kitListing, kits.kitListRoutes)),
  handle(kits.getKit, async ({ db, params, etag }) => {
    const kit = await readKit(db, params.id);
    etag(kit.version);
    return kit;
  }),
  ...everywhere([
    handle(kits.createKit, async ({ db, platform, actor, body, etag }) => {
      const kit = await inTx(db, async (tx) => readKit(tx, await addKit(tx, actor, body, platform.now())));
      etag(kit.version);
      return kit;
    }),
    handle(kits.updateKit, async ({ db, platform, actor, params, body, version, etag }) => {
      const kit = await inTx(db, async (tx) => {
        await changeKit(tx, actor, params.id, version, body, platform.now());
        return readKit(tx, params.id);
      });
      etag(kit.version);
      return kit;
    }),
    handle(kits.deleteKit, ({ db, actor, params }) =>
      inTx(db, async (tx) => {
        await dropKit(tx, actor, params.id);
        return undefined;
      }),
    ),
  ]),
  handle(kits.proposeKit, async ({ db, actor, params, query }) =>
    proposalFor(db, actor, await readKit(db, params.id), query.prefer?.split(',') ?? []),
  ),
  handle(kits.giveKit, ({ platform, actor, params, body }) => giveKitTo(platform, actor, params.id, body)),
];

const textRoutes = everywhere([
  ...listRoutes(textListing, api.acceptanceTextListRoutes),
  handle(api.getAcceptanceText, ({ db, params }) => readText(db, params.id)),
  handle(api.createAcceptanceText, ({ db, platform, actor, body }) => inTx(db, (tx) => addText(tx, actor, body, platform.now()))),
  handle(api.putTextInForce, ({ db, actor, params }) => inTx(db, (tx) => putInForce(tx, actor, params.id))),
]);

const documentRoutes: HandledRoute[] = [
  ...listRoutes(documentListing, api.handoverDocumentListRoutes),
  handle(api.getHandoverDocument, ({ db, platform, actor, params }) => readDocument(db, params.id, actor, platform.now())),
  handle(api.createHandoverDocument, ({ db, platform, actor, body }) =>
    inTx(db, async (tx) => presentDocument(tx, (await makeDocument(tx, actor, body, platform.now())).id, platform.now())),
  ),
  handle(api.acceptHandover, ({ db, platform, actor, params, body }) =>
    inTx(db, async (tx) => {
      await mustReachForWriting(tx, params.id, actor, platform.now());
      await decide(tx, actor, params.id, { state: 'accepted', signature: body.signature }, actor.label, platform.now());
      return presentDocument(tx, params.id, platform.now());
    }),
  ),
  handle(api.declineHandover, ({ db, platform, actor, params, body }) =>
    inTx(db, async (tx) => {
      await mustReachForWriting(tx, params.id, actor, platform.now());
      await decide(tx, actor, params.id, { state: 'declined', reason: body.reason }, actor.label, platform.now());
      return presentDocument(tx, params.id, platform.now());
    }),
  ),
  handle(api.withdrawHandover, ({ db, platform, actor, params, body }) =>
    inTx(db, async (tx) => {
      await mustReachForWriting(tx, params.id, actor, platform.now());
      await decide(tx, actor, params.id, { state: 'withdrawn', reason: body.reason }, actor.label, platform.now());
      return presentDocument(tx, params.id, platform.now());
    }),
  ),
  handle(api.makeHandoverLink, async ({ db, platform, actor, params, body }) => {
    await mustReachForWriting(db, params.id, actor, platform.now());
    return makeLink(platform, actor, params.id, body.days);
  }),
  handle(api.handoverPdf, async ({ db, platform, actor, params, reply }) => {
    const document = await readDocument(db, params.id, actor, platform.now());
    const file = await pdfOfDocument(document, (await readSettings(db)).organisation);
    reply.type('application/pdf').header('content-disposition', `attachment; filename="${document.number}.pdf"`);
    reply.header('cache-control', 'no-store');
    return file as never;
  }),
  handle(api.getPersonHandover, async ({ db, actor, params }) => {
    await readPerson(db, params.id, actor, 'people:read');
    const open = (await heldBy(db, params.id)).filter((one) => one.covered_by === null);
    const ids = open.map((one) => one.id);
    // Whoever may read people but no assets learns of none.
    const mayRead = actor.kind === 'system' || actor.grants.some((grant) => grant.permission === 'assets:read');
    const reached = mayRead ? await reachableAssets(db, ids, actor, 'assets:read') : new Set<string>();
    const uncovered = open.filter((one) => reached.has(one.id)).map(({ custody_id: _id, covered_by: _by, ...asset }) => asset);
    return { uncovered, languages: await languagesInForce(db) };
  }),
];

const linkRoutes: HandledRoute[] = [
  handle(api.readOfferedHandover, async ({ platform, actor, params, reply }) => {
    reply.header('x-robots-tag', 'noindex, nofollow').header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    return readOffered(platform, actor.ip, params.token);
  }),
  handle(api.decideOfferedHandover, ({ platform, actor, params, body }) => decideOffered(platform, actor, params.token, body)),
];

export const handoverRoutes: HandledRoute[] = [...kitRoutes, ...textRoutes, ...documentRoutes, ...linkRoutes];
