import { createPerson } from '@muster/api/people';
import * as api from '@muster/api/teams';
import { createAsset } from '@muster/api/assets';
import { checkOut } from '@muster/api/custody';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.teamListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    const ann = (await admin.call(createPerson, { body: { name: 'Ann' } })).data.id;
    for (const name of ['Night shift', 'Day shift', 'Field crew', 'Stage', 'Camera', 'Sound', 'Archive', '+plus'])
      await admin.call(api.createTeam, { body: { name, memberIds: name.endsWith('shift') ? [ann] : [] } });
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

test('a team has members, each change in the audit log; all bad fields are named at once', async () => {
  const ann = (await admin.call(createPerson, { body: { name: 'Ann' } })).data.id;
  const team = (await admin.call(api.createTeam, { body: { name: 'Crew', memberIds: [ann] } })).data;
  expect(team).toMatchObject({ members: [{ id: ann, label: 'Ann' }], assets: 0, version: 1 });
  const changed = await admin.call(api.updateTeam, { params: { id: team.id }, ifMatch: '"1"', body: { memberIds: [] } });
  expect(changed.data).toMatchObject({ name: 'Crew', members: [], version: 2 });
  await expect(admin.call(api.updateTeam, { params: { id: team.id }, ifMatch: '"1"', body: { name: 'x' } })).rejects.toMatchObject({
    code: 'stale',
  });
  await expect(admin.call(api.createTeam, { body: { name: 'crew', memberIds: [team.id], orgUnitId: team.id } })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ field: 'name' }, { field: 'orgUnitId' }, { field: 'memberIds.0' }],
  });
  const { rows } = await sql<{
    action: string;
  }>`select action from audit_log where resource = 'teams' and resource_id = ${team.id} order by at`.execute(t.db);
  expect(rows.map((r) => r.action)).toEqual(['team.created', 'team.changed']);
});

test('a team that has assets stays; once it has none it goes', async () => {
  const team = (await admin.call(api.createTeam, { body: { name: 'Loaners' } })).data.id;
  const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: 'l1' } })).data.id;
  await admin.call(checkOut, { body: { assets: [asset], holder: { kind: 'team', id: team } } });
  await expect(admin.call(api.deleteTeam, { params: { id: team } })).rejects.toMatchObject({ code: 'conflict' });
  const empty = (await admin.call(api.createTeam, { body: { name: 'Nobody' } })).data.id;
  await admin.call(api.deleteTeam, { params: { id: empty } });
  await expect(admin.call(api.getTeam, { params: { id: empty } })).rejects.toMatchObject({ code: 'not_found' });
});
