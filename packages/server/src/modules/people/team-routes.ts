import * as api from '@muster/api/teams';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { teamListing } from './store-teams.ts';
import { createTeam, deleteTeam, readTeam, updateTeam } from './teams.ts';

export const teamRoutes: HandledRoute[] = [
  ...listRoutes(teamListing, api.teamListRoutes),
  handle(api.getTeam, async ({ db, actor, params, etag }) => {
    const team = await readTeam(db, params.id, actor, 'people:read');
    etag(team.version);
    return team;
  }),
  handle(api.createTeam, async ({ db, actor, body, etag, platform }) => {
    const team = await inTx(db, async (tx) => readTeam(tx, await createTeam(tx, actor, body, platform.now()), actor, 'people:write'));
    etag(team.version);
    return team;
  }),
  handle(api.updateTeam, async ({ db, actor, params, body, version, etag, platform }) => {
    const team = await inTx(db, async (tx) => {
      await updateTeam(tx, actor, params.id, version, body, platform.now());
      return readTeam(tx, params.id, actor, 'people:write');
    });
    etag(team.version);
    return team;
  }),
  handle(api.deleteTeam, async ({ db, actor, params }) => inTx(db, async (tx) => deleteTeam(tx, actor, params.id)) as Promise<undefined>),
];
