import * as api from '@muster/api/custom-fields';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { archiveField, createField, previewField, readField, updateField } from './definitions.ts';
import { revealSecret, setSecret } from './secrets.ts';
import { fieldsInForce } from './store.ts';
import { customFieldListing } from './store-listing.ts';

export const fieldRoutes: HandledRoute[] = [
  handle(api.customFieldsOf, async ({ db, params }) => ({ items: await fieldsInForce(db, params.resource) })),
  // The record's own permission is asked for inside: which one it is depends on the resource.
  handle(api.setCustomSecret, async ({ platform, actor, body: { value, ...target } }) => {
    await setSecret(platform, actor, target, value);
    return undefined;
  }),
  handle(api.revealCustomSecret, async ({ platform, actor, body }) => ({ value: await revealSecret(platform, actor, body) })),
  ...everywhere([
    ...listRoutes(customFieldListing, api.customFieldListRoutes),
    handle(api.getCustomField, async ({ db, params, etag }) => {
      const field = await readField(db, params.id);
      etag(field.version);
      return field;
    }),
    handle(api.createCustomField, async ({ platform, actor, body, etag }) => {
      const field = await createField(platform, actor, body);
      etag(field.version);
      return field;
    }),
    handle(api.updateCustomField, async ({ platform, actor, params, version, body, etag }) => {
      const field = await updateField(platform, actor, params.id, version, body);
      etag(field.version);
      return field;
    }),
    handle(api.archiveCustomField, async ({ platform, actor, params }) => {
      await archiveField(platform, actor, params.id);
      return undefined;
    }),
    handle(api.previewCustomType, ({ db, params, body }) => previewField(db, params.id, body)),
  ]),
];
