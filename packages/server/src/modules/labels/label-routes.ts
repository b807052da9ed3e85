import * as api from '@muster/api/labels';
import sheets from '../../../../../content/labels/sheets.json' with { type: 'json' };
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { changeFoundPage, readFoundItem, takeFoundReport } from './found.ts';
import { previewOf, print } from './print.ts';
import { foundReportListing, readFoundPage, templateListing } from './store-labels.ts';
import { addTemplate, changeTemplate, dropTemplate, readTemplate } from './templates.ts';

const templateRoutes = everywhere([
  handle(api.createLabelTemplate, async ({ db, platform, actor, body, etag }) => {
    const template = await inTx(db, async (tx) => readTemplate(tx, await addTemplate(tx, actor, body, platform.now())));
    etag(template.version);
    return template;
  }),
  handle(api.updateLabelTemplate, async ({ db, platform, actor, params, body, version, etag }) => {
    const template = await inTx(db, async (tx) => {
      await changeTemplate(tx, actor, params.id, version, body, platform.now());
      return readTemplate(tx, params.id);
    });
    etag(template.version);
    return template;
  }),
  handle(api.deleteLabelTemplate, ({ db, actor, params }) =>
    inTx(db, async (tx) => {
      await dropTemplate(tx, actor, params.id);
      return undefined;
    }),
  ),
  handle(api.getFoundPage, ({ db }) => readFoundPage(db)),
  handle(api.putFoundPage, ({ platform, actor, body }) => changeFoundPage(platform, actor, body)),
]);

export const printRoutes: HandledRoute[] = [
  ...everywhere(listRoutes(templateListing, api.labelTemplateListRoutes)),
  handle(api.getLabelTemplate, async ({ db, params, etag }) => {
    const template = await readTemplate(db, params.id);
    etag(template.version);
    return template;
  }),
  ...templateRoutes,
  handle(api.listLabelSheets, async () => ({ items: sheets.sheets as never })),
  handle(api.previewLabel, async ({ platform, actor, body }) => ({ svg: await previewOf(platform, actor, body.definition, body.assetId) })),
  handle(api.printLabels, async ({ platform, actor, body, reply }) => {
    const file = await print(platform, actor, body);
    reply.type(file.mediaType).header('content-disposition', `attachment; filename="${file.name}"`).header('cache-control', 'no-store');
    return file.body as never;
  }),
  handle(api.readFound, async ({ platform, actor, params, reply }) => {
    reply.header('x-robots-tag', 'noindex, nofollow');
    return readFoundItem(platform, actor.ip, params.code);
  }),
  handle(api.reportFound, ({ platform, actor, params, body }) => takeFoundReport(platform, actor, params.code, body)),
  ...listRoutes(foundReportListing, api.foundReportListRoutes),
];
