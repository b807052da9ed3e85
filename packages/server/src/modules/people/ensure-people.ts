import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { insertPeople, type NewPerson, peopleByEmail, peopleByLogin } from './store.ts';

/** A person as a source knows them. */
export interface ReportedPerson {
  name: string;
  email?: string | null;
  login?: string | null;
  employeeNumber?: string | null;
  jobTitle?: string | null;
  orgUnitId?: string | null;
  placeId?: string | null;
}

/**
 * The ids of these people, in the given order: found by login, then by e-mail, else added with `source`. Whoever is there is left as they
 * are. Four queries whatever the number.
 */
export async function ensurePeople(tx: Tx, actor: Actor, people: readonly ReportedPerson[], source: string, now: Date): Promise<string[]> {
  const wanted = people.map((person) => ({ ...person, login: lower(person.login), email: lower(person.email) }));
  const found = await lookUp(tx, wanted);
  const added = new Map<string, NewPerson>();
  const ids = wanted.map((person): string => {
    const known =
      found(person) ?? (person.login && added.get(`login:${person.login}`)?.id) ?? (person.email && added.get(`email:${person.email}`)?.id);
    if (known) return known;
    const made: NewPerson = {
      id: newId(now.getTime()),
      name: person.name,
      email: person.email,
      login: person.login,
      employeeNumber: person.employeeNumber ?? null,
      jobTitle: person.jobTitle ?? null,
      orgUnitId: person.orgUnitId ?? null,
      placeId: person.placeId ?? null,
    };
    added.set(person.login ? `login:${person.login}` : person.email ? `email:${person.email}` : made.id, made);
    if (person.email) added.set(`email:${person.email}`, made);
    return made.id;
  });
  const fresh = [...new Set(added.values())];
  if (fresh.length === 0) return ids;
  const inserted = await insertPeople(tx, fresh, source, now);
  await audit(tx, actor, {
    action: 'people.added',
    resource: 'people',
    summary: `Added ${inserted.size} people from ${source}`,
    after: { source, count: inserted.size },
  });
  if (inserted.size === fresh.length) return ids;
  // Another transaction added some of them meanwhile: theirs count.
  const again = await lookUp(tx, wanted);
  return ids.map((id, i) => (inserted.has(id) ? id : (again(wanted[i]) ?? id)));
}

async function lookUp(
  db: Db,
  people: readonly { login: string | null; email: string | null }[],
): Promise<(person: { login: string | null; email: string | null } | undefined) => string | undefined> {
  const byLogin = await peopleByLogin(
    db,
    people.flatMap(({ login }) => login ?? []),
  );
  const byEmail = await peopleByEmail(
    db,
    people.flatMap(({ email }) => email ?? []),
  );
  return (person) => (person?.login ? byLogin.get(person.login)?.id : undefined) ?? (person?.email ? byEmail.get(person.email) : undefined);
}

/**
 * The people behind logins as agents report them (`ada`, `CORP\ada`, `Ada`), by the login as given. A login with a domain that nobody has in
 * full is looked for without it.
 */
export async function findByLogin(db: Db, logins: readonly string[]): Promise<Map<string, { id: string; name: string }>> {
  const keys = new Map(logins.map((login) => [login, candidates(login)]));
  const found = await peopleByLogin(db, [...new Set([...keys.values()].flat())]);
  const result = new Map<string, { id: string; name: string }>();
  for (const [login, tried] of keys) {
    const person = tried.map((key) => found.get(key)).find((hit) => hit !== undefined);
    if (person) result.set(login, person);
  }
  return result;
}

const candidates = (login: string): string[] => {
  const key = login.trim().toLowerCase();
  const short = key.split('\\').at(-1) ?? '';
  return short === '' || short === key ? [key] : [key, short];
};

const lower = (text: string | null | undefined): string | null => {
  const trimmed = text?.trim().toLowerCase();
  return trimmed ? trimmed : null;
};
