import { type FieldError, Problem } from '@muster/api/errors';
import type { SavedView, SavedViewCreate, SavedViewUpdate } from '@muster/api/saved-views';
import { audit } from '../../platform/audit/audit.ts';
import { type Actor, systemActor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { listingNamed, planQuery, withCustomFields } from '../../platform/listing/index.ts';
import {
  deleteViewRow,
  findView,
  insertView,
  nameTaken,
  putDefault,
  updateViewRow,
  type ViewContent,
  type ViewRow,
  viewsOf,
} from './store.ts';

/** What a view says of its list, as far as it can be wrong. */
type Wanted = Pick<ViewContent, 'filter' | 'sort' | 'columns'>;

/** The views of a list that the actor may open, in the order of the menu. */
export async function readMenu(db: Db, actor: Actor, resource: string, now: Date): Promise<SavedView[]> {
  const rows = await viewsOf(db, actor, resource);
  const shown: SavedView[] = [];
  for (const row of rows) shown.push(await present(db, row, actor, now));
  return shown;
}

/** @throws Problem not_found, also for a view that is not shared with the actor */
export async function readView(db: Db, actor: Actor, id: string, now: Date): Promise<SavedView> {
  return present(db, await mustFind(db, actor, id), actor, now);
}

/**
 * Saves a view of a list for the actor; answers its id.
 * @throws Problem validation_failed for an unknown list, column or order; bad_filter; conflict when they have one by this name; forbidden
 * when it is shared without `views:share`, or by a token that belongs to nobody.
 */
export async function createView(tx: Tx, actor: Actor, input: SavedViewCreate, now: Date): Promise<string> {
  const owner = mustBeUser(actor);
  const content = contentOf(input, { ...empty, name: input.name });
  if (!listingNamed(input.resource))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'resource', code: 'unknown', message: `There is no list “${input.resource}”.` }],
    });
  await refuseBroken(tx, input.resource, content, now);
  maySharedAs(actor, content);
  if (await nameTaken(tx, owner, input.resource, content.name, null)) throw taken();
  const id = newId(now.getTime());
  await insertView(tx, id, owner, input.resource, content, now);
  await audit(tx, actor, {
    action: 'saved_view.created',
    resource: 'saved-views',
    resourceId: id,
    summary: `Saved the view “${content.name}” of ${input.resource}`,
    after: { resource: input.resource, ...content },
  });
  return id;
}

/**
 * Changes a view. What it keeps is not judged again, so that one whose filter no longer reads can still be renamed, shared or archived.
 * @throws Problem as createView, and not_found, stale
 */
export async function updateView(tx: Tx, actor: Actor, id: string, version: number, input: SavedViewUpdate, now: Date): Promise<void> {
  const row = await mustFind(tx, actor, id);
  mayChange(row, actor);
  if (row.version !== version) throw new Problem('stale');
  const next = contentOf(input, row);
  const touched = input.filter !== undefined || input.sort !== undefined || input.columns !== undefined;
  if (touched) await refuseBroken(tx, row.resource, next, now);
  if (input.sharing !== undefined || input.roles !== undefined) maySharedAs(actor, next);
  if (await nameTaken(tx, row.owner_id, row.resource, next.name, id)) throw taken();
  if (!(await updateViewRow(tx, id, version, next, now))) throw new Problem('stale');
  await audit(tx, actor, {
    action: 'saved_view.changed',
    resource: 'saved-views',
    resourceId: id,
    summary: `Changed the view “${next.name}” of ${row.resource}`,
    before: contentOf({}, row),
    after: next,
  });
}

/** @throws Problem not_found, forbidden */
export async function deleteView(tx: Tx, actor: Actor, id: string): Promise<void> {
  const row = await mustFind(tx, actor, id);
  mayChange(row, actor);
  await deleteViewRow(tx, id);
  await audit(tx, actor, {
    action: 'saved_view.removed',
    resource: 'saved-views',
    resourceId: id,
    summary: `Removed the view “${row.name}” of ${row.resource}`,
    before: { resource: row.resource, ...contentOf({}, row) },
  });
}

/** The view that the actor's list opens with; null for none. @throws Problem not_found, validation_failed, forbidden */
export async function chooseDefault(tx: Tx, actor: Actor, resource: string, id: string | null): Promise<void> {
  const user = mustBeUser(actor);
  const row = id === null ? null : await mustFind(tx, actor, id);
  if (row && row.resource !== resource)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'id', code: 'other_list', message: `This view is of ${row.resource}.` }],
    });
  await putDefault(tx, user, resource, id);
  await audit(tx, actor, {
    action: 'saved_view.default_chosen',
    resource: 'saved-views',
    resourceId: id,
    summary: row ? `Opens ${resource} with the view “${row.name}”` : `Opens ${resource} without a view`,
  });
}

async function mustFind(db: Db, actor: Actor, id: string): Promise<ViewRow> {
  const row = await findView(db, actor, id);
  if (!row) throw new Problem('not_found', 'There is no saved view with this id.');
  return row;
}

function mustBeUser(actor: Actor): string {
  if (actor.userId === null) throw new Problem('forbidden', 'A view belongs to a person who signs in; this token has none.');
  return actor.userId;
}

const shares = (actor: Actor): boolean => actor.grants.some((g) => g.permission === 'views:share');
const changes = (row: ViewRow, actor: Actor): boolean => row.owner_id === actor.userId || (row.sharing !== 'private' && shares(actor));

function mayChange(row: ViewRow, actor: Actor): void {
  if (!changes(row, actor)) throw new Problem('forbidden', `“${row.name}” belongs to ${row.owner_name}. Save it as a view of your own.`);
}

function maySharedAs(actor: Actor, { sharing, roles }: ViewContent): void {
  if (sharing !== 'private' && !shares(actor)) throw new Problem('forbidden', 'Sharing a view needs the permission views:share.');
  if (sharing === 'roles' && roles.length === 0)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'roles', code: 'required', message: 'Say with which roles it is shared.' }],
    });
}

const taken = (): Problem =>
  new Problem('conflict', 'There is a view of this list by this name.', {
    errors: [{ field: 'name', code: 'taken', message: 'There is a view of this list by this name.' }],
  });

/** Why a view's list would not be answered now. */
async function problemsOf(db: Db, resource: string, view: Wanted, now: Date): Promise<{ problem: Problem | null; errors: FieldError[] }> {
  const columns = view.columns?.join(',');
  const named = listingNamed(resource);
  const listing = named && (await withCustomFields(db, named, view.filter ?? undefined, view.sort ?? undefined, columns));
  if (!listing)
    return { problem: null, errors: [{ field: 'resource', code: 'unknown', message: `There is no list “${resource}” any more.` }] };
  try {
    planQuery(
      listing,
      { filter: view.filter ?? undefined, sort: view.sort ?? undefined, fields: columns },
      { actor: systemActor, permission: undefined, now },
    );
    return { problem: null, errors: [] };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const errors = (error.errors ?? []).map((e) => (e.field === 'fields' ? { ...e, field: 'columns' } : e));
    return { problem: new Problem(error.code, error.message, { errors, cause: error }), errors };
  }
}

async function refuseBroken(db: Db, resource: string, view: Wanted, now: Date): Promise<void> {
  const { problem } = await problemsOf(db, resource, view, now);
  if (problem) throw problem;
}

const empty: Omit<ViewContent, 'name'> = {
  q: null,
  filter: null,
  sort: null,
  columns: null,
  density: null,
  facets_open: null,
  sharing: 'private',
  roles: [],
  position: 0,
  archived: false,
};

const orNull = (text: string | null | undefined, was: string | null): string | null => (text === undefined ? was : text || null);

/** The old content with what was given; roles go with sharing by role only. */
function contentOf(input: SavedViewUpdate, was: ViewContent): ViewContent {
  const sharing = input.sharing ?? was.sharing;
  return {
    name: input.name ?? was.name,
    q: orNull(input.q, was.q),
    filter: orNull(input.filter, was.filter),
    sort: orNull(input.sort, was.sort),
    columns: input.columns === undefined ? was.columns : input.columns,
    density: input.density === undefined ? was.density : input.density,
    facets_open: input.facetsOpen === undefined ? was.facets_open : input.facetsOpen,
    sharing,
    roles: sharing === 'roles' ? (input.roles ?? was.roles) : [],
    position: input.position ?? was.position,
    archived: input.archived ?? was.archived,
  };
}

async function present(db: Db, row: ViewRow, actor: Actor, now: Date): Promise<SavedView> {
  return {
    id: row.id,
    resource: row.resource,
    name: row.name,
    q: row.q,
    filter: row.filter,
    sort: row.sort,
    columns: row.columns,
    density: row.density,
    facetsOpen: row.facets_open,
    owner: { id: row.owner_id, label: row.owner_name },
    sharing: row.sharing,
    roles: row.roles,
    position: row.position,
    archived: row.archived,
    isMine: row.owner_id === actor.userId,
    isDefault: row.is_default,
    mayChange: changes(row, actor),
    problems: (await problemsOf(db, row.resource, row, now)).errors,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}
