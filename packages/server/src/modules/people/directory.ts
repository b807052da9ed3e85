import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { insertPeople, peopleByEmail, peopleByLogin } from './store.ts';
import { linkDirectoryIds, peopleByDirectoryId, refreshPeople, takenBy } from './store-directory.ts';

/** A person as a directory knows them. */
export interface DirectoryPerson {
  /** Never changes and is never given to another. */
  readonly directoryId: string;
  readonly name: string;
  readonly email: string | null;
  readonly login: string | null;
  readonly employeeNumber: string | null;
  readonly jobTitle: string | null;
  readonly active: boolean;
}

/**
 * Brings people of a directory up to date, by the directory's own id: a new name, login or e-mail changes the person and makes no second
 * one. Someone unknown is looked for by login and e-mail and then linked; otherwise added. Values are only written to people who came from
 * this directory; someone entered by hand keeps theirs. A login or e-mail that another person has is left out.
 */
export async function upsertDirectoryPeople(
  tx: Tx,
  actor: Actor,
  people: readonly DirectoryPerson[],
  source: string,
  now: Date,
): Promise<void> {
  if (people.length === 0) return;
  const wanted = people.map((p) => ({ ...p, login: lower(p.login), email: lower(p.email) }));
  const known = await peopleByDirectoryId(
    tx,
    source,
    wanted.map((p) => p.directoryId),
  );
  const unknown = wanted.filter((p) => !known.has(p.directoryId));
  const byLogin = await peopleByLogin(
    tx,
    unknown.flatMap((p) => p.login ?? []),
  );
  const byEmail = await peopleByEmail(
    tx,
    unknown.flatMap((p) => p.email ?? []),
  );
  const links = new Map<string, string>();
  const fresh: (DirectoryPerson & { id: string })[] = [];
  const given = new Set<string>();
  for (const person of unknown) {
    const there = (person.login && byLogin.get(person.login)?.id) || (person.email && byEmail.get(person.email)) || null;
    if (there !== null) links.set(person.directoryId, there);
    else fresh.push({ ...onlyOnce(person, given), id: newId(now.getTime()) });
  }
  const inserted = await insertPeople(
    tx,
    fresh.map((p) => ({ ...p, orgUnitId: null, placeId: null })),
    source,
    now,
  );
  for (const person of fresh) if (inserted.has(person.id)) links.set(person.directoryId, person.id);
  await linkDirectoryIds(tx, source, [...known.keys(), ...links.keys()], new Map([...known, ...links]), now);
  const current = wanted.flatMap((p) => {
    const id = known.get(p.directoryId) ?? links.get(p.directoryId);
    return id === undefined ? [] : [{ ...p, id }];
  });
  const changed = await refreshPeople(tx, source, await withoutTaken(tx, current), now);
  if (inserted.size + changed === 0) return;
  await audit(tx, actor, {
    action: 'people.synchronised',
    resource: 'people',
    summary: `${inserted.size} people were added and ${changed} changed from ${source}`,
    after: { source, added: inserted.size, changed },
  });
}

/** Two entries of a directory with one login: the first has it. */
function onlyOnce<T extends { login: string | null; email: string | null }>(person: T, given: Set<string>): T {
  const take = (kind: string, value: string | null): string | null => {
    if (value === null || given.has(`${kind}:${value}`)) return null;
    given.add(`${kind}:${value}`);
    return value;
  };
  return { ...person, login: take('login', person.login), email: take('email', person.email) };
}

async function withoutTaken<T extends { id: string; login: string | null; email: string | null }>(
  tx: Tx,
  people: readonly T[],
): Promise<T[]> {
  const taken = await takenBy(tx, people);
  const given = new Set<string>();
  return people.map((p) => {
    const free = onlyOnce(p, given);
    return {
      ...free,
      login: free.login !== null && (taken.logins.get(free.login) ?? p.id) !== p.id ? null : free.login,
      email: free.email !== null && (taken.emails.get(free.email) ?? p.id) !== p.id ? null : free.email,
    };
  });
}

const lower = (text: string | null): string | null => text?.trim().toLowerCase() || null;
