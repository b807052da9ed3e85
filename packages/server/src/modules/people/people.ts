import { type FieldError, Problem } from '@muster/api/errors';
import type { Person, PersonCreate, PersonUpdate } from '@muster/api/people';
import type { Permission } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { settleCustom, showCustom } from '../fields/index.ts';
import { clashesOf, deactivatePersonRow, findPerson, insertPerson, type PersonRow, type PersonValues, updatePersonRow } from './store.ts';
import { personListing } from './store-listing.ts';

/** One person. Problem `not_found` also when the actor's scopes do not cover them. */
export async function readPerson(db: Db, id: string, actor: Actor, permission: Permission): Promise<Person> {
  const row = await mustFindPerson(db, id, actor, permission);
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    login: row.login,
    employeeNumber: row.employee_number,
    jobTitle: row.job_title,
    orgUnit: row.org_unit_id === null ? null : { id: row.org_unit_id, label: row.org_unit ?? row.org_unit_id },
    place: row.place_id === null ? null : { id: row.place_id, label: row.place ?? row.place_id },
    active: row.active,
    source: row.source,
    assets: Number(row.assets),
    custom: (await showCustom(db, 'people', row)).custom,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** Adds a person by hand, with a new id unless the caller has one already. Problem `validation_failed` with every field that cannot be stored. */
export async function createPerson(
  tx: Tx,
  actor: Actor,
  input: PersonCreate,
  now: Date,
  id: string = newId(now.getTime()),
): Promise<string> {
  const custom = await settleCustom(tx, actor, { resource: 'people', recordId: id, current: {}, given: input.custom, creating: true });
  const values = { ...merged(nobody, input), custom: custom.custom };
  await check(tx, id, values, custom.errors);
  await insertPerson(tx, id, values, 'manual', now).catch(refuseTwin);
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, { action: 'person.created', resource: 'people', resourceId: id, summary: `Added ${values.name}`, after: values });
  return id;
}

/** Changes a person; fields left out stay. Problems `stale`, `validation_failed`, `not_found`, `forbidden` for a move out of one's scope. */
export async function updatePerson(tx: Tx, actor: Actor, id: string, version: number, input: PersonUpdate, now: Date): Promise<void> {
  const row = await mustFindPerson(tx, id, actor, 'people:write');
  if (row.version !== version) throw new Problem('stale');
  const before = valuesOf(row);
  const given = { resource: 'people', recordId: id, current: row.custom, given: input.custom, creating: false } as const;
  const custom = await settleCustom(tx, actor, given);
  const values = { ...merged(before, input), custom: custom.custom };
  await check(tx, id, values, custom.errors);
  if (!(await updatePersonRow(tx, id, version, values, now).catch(refuseTwin))) throw new Problem('stale');
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'person.changed',
    resource: 'people',
    resourceId: id,
    summary: `Changed ${values.name}`,
    before,
    after: values,
  });
}

/** Makes a person inactive; they stay, because custody and usage history name them. Doing it twice changes nothing. */
export async function deactivatePerson(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const row = await mustFindPerson(tx, id, actor, 'people:write');
  if (!row.active) return;
  await deactivatePersonRow(tx, id, now);
  await audit(tx, actor, {
    action: 'person.deactivated',
    resource: 'people',
    resourceId: id,
    summary: `Deactivated ${row.name}`,
    before: { active: true },
    after: { active: false },
  });
}

const nobody: PersonValues = {
  name: '',
  email: null,
  login: null,
  employee_number: null,
  job_title: null,
  org_unit_id: null,
  place_id: null,
  active: true,
  custom: {},
};

const valuesOf = ({ name, email, login, employee_number, job_title, org_unit_id, place_id, active, custom }: PersonRow): PersonValues => ({
  name,
  email,
  login,
  employee_number,
  job_title,
  org_unit_id,
  place_id,
  active,
  custom,
});

function merged(before: PersonValues, input: PersonUpdate): PersonValues {
  const kept = <T>(given: T | undefined, old: T): T => (given === undefined ? old : given);
  return {
    name: kept(input.name, before.name),
    email: kept(input.email, before.email),
    login: kept(input.login, before.login),
    employee_number: kept(input.employeeNumber, before.employee_number),
    job_title: kept(input.jobTitle, before.job_title),
    org_unit_id: kept(input.orgUnitId, before.org_unit_id),
    place_id: kept(input.placeId, before.place_id),
    active: kept(input.active, before.active),
    custom: before.custom,
  };
}

async function check(tx: Tx, id: string, values: PersonValues, custom: readonly FieldError[]): Promise<void> {
  const clashes = await clashesOf(tx, id, values);
  const errors: FieldError[] = [];
  if (clashes.login) errors.push({ field: 'login', code: 'taken', message: 'Another person has this login.' });
  if (clashes.email) errors.push({ field: 'email', code: 'taken', message: 'Another person has this e-mail address.' });
  if (clashes.orgUnit) errors.push({ field: 'orgUnitId', code: 'unknown', message: 'There is no such org unit.' });
  if (clashes.place) errors.push({ field: 'placeId', code: 'unknown', message: 'There is no such place.' });
  errors.push(...custom);
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

/** Two requests may pass the check at once; the unique index then stops the second. */
function refuseTwin(error: unknown): never {
  if ((error as { code?: unknown }).code === '23505')
    throw new Problem('conflict', 'Someone gave this login or e-mail address to another person at this moment.', { cause: error });
  throw error;
}

/** A person in the actor's reach. Problem `not_found`. */
export async function mustFindPerson(db: Db, id: string, actor: Actor, permission: Permission): Promise<PersonRow> {
  const row = await findPerson(db, id);
  if (!row || !(await canReach(db, personListing, id, actor, permission)))
    throw new Problem('not_found', 'There is no person with this id.');
  return row;
}

async function mustStayInScope(tx: Tx, id: string, actor: Actor): Promise<void> {
  if (!(await canReach(tx, personListing, id, actor, 'people:write')))
    throw new Problem('forbidden', 'Your role does not reach that org unit or place.');
}
