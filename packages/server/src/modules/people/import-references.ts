import type { ReferenceTarget } from '../../platform/importing/importable.ts';
import { resolveInTree } from '../../platform/importing/tree-references.ts';
import { ensurePeople } from './ensure-people.ts';
import { createOrgUnit } from './org-units.ts';
import { deleteUnusedPeople, peopleNamed } from './store-import.ts';
import { contentsOfOrgUnit, deleteOrgUnitRow } from './store-org-units.ts';

/** Org units as other records name them in a file. */
export const orgUnitReferences: ReferenceTarget = {
  resource: 'org-units',
  permission: 'people:write',
  resolve: (db, named) => resolveInTree(db, 'org_units', named),
  create: async (tx, context, named) => {
    const ids: string[] = [];
    for (const n of named) ids.push(await createOrgUnit(tx, context.actor, { name: n['any'] ?? n['name'] ?? '' }, context.now));
    return ids;
  },
  remove: async (tx, _context, ids) => {
    const kept = new Map<string, string>();
    for (const id of ids) {
      const contents = await contentsOfOrgUnit(tx, id);
      if (contents.length > 0) kept.set(id, `The org unit still has ${contents.join(', ')} in it.`);
      else await deleteOrgUnitRow(tx, id);
    }
    return kept;
  },
};

type Named = Readonly<Record<string, string>>;

const nameOf = (n: Named): string =>
  n['name'] ?? ([n['firstName'], n['lastName']].filter((part) => part !== undefined).join(' ') || (n['any'] ?? ''));
/** What may be the e-mail, the login and the name of whom this means, the surest first. */
const tries = (n: Named): [kind: 'email' | 'login' | 'name', value: string][] => [
  ...(n['email'] ? [['email', n['email'].toLowerCase()] as ['email', string]] : []),
  ...(n['login'] ? [['login', n['login'].toLowerCase()] as ['login', string]] : []),
  ...(n['any']
    ? (['email', 'login', 'name'] as const).map((kind): ['email' | 'login' | 'name', string] => [kind, n['any']!.toLowerCase()])
    : []),
  ...(nameOf(n) === '' ? [] : [['name', nameOf(n).toLowerCase()] as ['name', string]]),
];

/** People as other records name them in a file: by e-mail, login or full name, whichever finds somebody first. */
export const personReferences: ReferenceTarget = {
  resource: 'people',
  permission: 'people:write',
  resolve: async (db, named) => {
    const wanted = named.map(tries);
    const rows = await peopleNamed(db, [...new Set(wanted.flat().map(([, value]) => value))]);
    const by = {
      email: Map.groupBy(rows, (r) => r.email),
      login: Map.groupBy(rows, (r) => r.login),
      name: Map.groupBy(rows, (r) => r.name),
    };
    return wanted.map((list) => {
      for (const [kind, value] of list) {
        const found = by[kind].get(value);
        if (found) return found.map((r) => r.id);
      }
      return [];
    });
  },
  create: (tx, context, named) =>
    ensurePeople(
      tx,
      context.actor,
      named.map((n) => {
        const mail = n['email'] ?? (n['any']?.includes('@') ? n['any'] : undefined);
        return { name: nameOf(n) || (mail ?? n['login'] ?? ''), email: mail ?? null, login: n['login'] ?? null };
      }),
      'import',
      context.now,
    ),
  remove: async (tx, _context, ids) => {
    const gone = await deleteUnusedPeople(tx, ids);
    return new Map(ids.filter((id) => !gone.has(id)).map((id) => [id, 'The person has something, signs in or was changed since.']));
  },
};
