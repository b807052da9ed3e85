import { Problem } from '@muster/api/errors';

/** A place between two rows of a sorted list. */
export interface Cursor {
  /** The resource and sort it belongs to, so that it cannot be used with another. */
  readonly of: string;
  readonly direction: 'forward' | 'back';
  /** The sort value of the row it stands at, as SQL text; null where that row has none. */
  readonly key: string | null;
  readonly id: string;
  /** The page starts with the row itself; otherwise behind it. */
  readonly inclusive: boolean;
}

/** An opaque cursor: base64url of a small array. It grants nothing, as scope and filter apply to every page anew. */
export function writeCursor(cursor: Cursor): string {
  return Buffer.from(
    JSON.stringify([cursor.of, cursor.direction === 'back' ? 1 : 0, cursor.key, cursor.id, cursor.inclusive ? 1 : 0]),
  ).toString('base64url');
}

/** Reads a cursor of this list and sort; anything else is Problem `bad_cursor`. */
export function readCursor(text: string, of: string, idType: 'uuid' | 'text' | 'integer'): Cursor {
  const parts = decode(text);
  if (!Array.isArray(parts) || parts.length !== 5) throw badCursor();
  const [belongs, back, key, id, inclusive] = parts as unknown[];
  if (belongs !== of) throw badCursor('The page cursor belongs to another list or sort order; start again without it.');
  if (typeof id !== 'string' || (key !== null && typeof key !== 'string') || `${id}${key ?? ''}`.includes('\0')) throw badCursor();
  if (idType === 'uuid' && !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw badCursor();
  if (idType === 'integer' && !(/^\d{1,10}$/.test(id) && Number(id) < 2 ** 31)) throw badCursor();
  return { of, direction: back === 1 ? 'back' : 'forward', key, id, inclusive: inclusive === 1 };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw badCursor();
  }
}

export const badCursor = (message?: string, cause?: unknown): Problem => new Problem('bad_cursor', message, { cause });
