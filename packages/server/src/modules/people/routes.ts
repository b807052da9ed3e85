import * as api from '@muster/api/people';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { readPersonHistory } from './history.ts';
import { createOrgUnit, deleteOrgUnit, readOrgUnit, updateOrgUnit } from './org-units.ts';
import { createPerson, deactivatePerson, readPerson, updatePerson } from './people.ts';
import { orgUnitListing, personListing } from './store-listing.ts';

export const peopleRoutes: HandledRoute[] = [
  ...listRoutes(personListing, api.personListRoutes),
  handle(api.getPerson, async ({ db, actor, params, etag }) => {
    const person = await readPerson(db, params.id, actor, 'people:read');
    etag(person.version);
    return person;
  }),
  handle(api.getPersonHistory, async ({ db, actor, params, query }) => readPersonHistory(db, params.id, actor, query)),
  handle(api.createPerson, async ({ db, actor, body, etag, platform }) => {
    const person = await inTx(db, async (tx) => readPerson(tx, await createPerson(tx, actor, body, platform.now()), actor, 'people:write'));
    etag(person.version);
    return person;
  }),
  handle(api.updatePerson, async ({ db, actor, params, body, version, etag, platform }) => {
    const person = await inTx(db, async (tx) => {
      await updatePerson(tx, actor, params.id, version, body, platform.now());
      return readPerson(tx, params.id, actor, 'people:write');
    });
    etag(person.version);
    return person;
  }),
  handle(
    api.deletePerson,
    async ({ db, actor, params, platform }) =>
      inTx(db, async (tx) => deactivatePerson(tx, actor, params.id, platform.now())) as Promise<undefined>,
  ),
  ...listRoutes(orgUnitListing, api.orgUnitListRoutes),
  handle(api.getOrgUnit, async ({ db, actor, params, etag }) => {
    const unit = await readOrgUnit(db, params.id, actor, 'people:read');
    etag(unit.version);
    return unit;
  }),
  handle(api.createOrgUnit, async ({ db, actor, body, etag, platform }) => {
    const unit = await inTx(db, async (tx) => readOrgUnit(tx, await createOrgUnit(tx, actor, body, platform.now()), actor, 'people:write'));
    etag(unit.version);
    return unit;
  }),
  handle(api.updateOrgUnit, async ({ db, actor, params, body, version, etag, platform }) => {
    const unit = await inTx(db, async (tx) => {
      await updateOrgUnit(tx, actor, params.id, version, body, platform.now());
      return readOrgUnit(tx, params.id, actor, 'people:write');
    });
    etag(unit.version);
    return unit;
  }),
  handle(
    api.deleteOrgUnit,
    async ({ db, actor, params }) => inTx(db, async (tx) => deleteOrgUnit(tx, actor, params.id)) as Promise<undefined>,
  ),
];
