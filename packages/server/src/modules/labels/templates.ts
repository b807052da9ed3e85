import { type FieldError, Problem } from '@muster/api/errors';
import { type LabelDefinition, labelFields, type LabelTemplate } from '@muster/api/labels';
import { PNG } from 'pngjs';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { unknownFields } from './layout.ts';
import { defaultsTaken, insertTemplate, removeTemplate, templateById, type TemplateRow, updateTemplate } from './store-labels.ts';

/** Rounding of inches must not refuse a sheet. */
const tolerance = 0.05;
/** Pixels of a logo; more is not printed at the size of a label. */
const mostPixels = 4_000_000;

/** Every fault of a label's description, by element. */
export function definitionErrors(definition: LabelDefinition): FieldError[] {
  const errors: FieldError[] = [];
  const add = (field: string, code: string, message: string): void => void errors.push({ field: `definition.${field}`, code, message });
  const { width, height, media } = definition;
  if (media.kind === 'sheet') {
    const right = media.marginLeft + (media.columns - 1) * media.pitchX + width;
    const bottom = media.marginTop + (media.rows - 1) * media.pitchY + height;
    if (right > media.pageWidth + tolerance)
      add('media.columns', 'too_wide', `The last column ends at ${right.toFixed(1)} mm, beyond the page.`);
    if (bottom > media.pageHeight + tolerance)
      add('media.rows', 'too_high', `The last row ends at ${bottom.toFixed(1)} mm, beyond the page.`);
    if (media.columns > 1 && media.pitchX < width - tolerance) add('media.pitchX', 'overlap', 'Labels would lie on each other.');
    if (media.rows > 1 && media.pitchY < height - tolerance) add('media.pitchY', 'overlap', 'Labels would lie on each other.');
  }
  for (const [index, element] of definition.elements.entries()) {
    const at = `elements[${index}]`;
    if (element.x + element.width > width + tolerance) add(`${at}.width`, 'outside', 'It goes beyond the right edge of the label.');
    if (element.y + element.height > height + tolerance) add(`${at}.height`, 'outside', 'It goes beyond the lower edge of the label.');
    if (element.type === 'text' || element.type === 'code') {
      if (element.content.trim() === '') add(`${at}.content`, 'required', 'Say what it shows, for example {tag}.');
      for (const name of unknownFields(element.content))
        errors.push({
          field: `definition.${at}.content`,
          code: 'unknown',
          message: `There is no field {${name}}.`,
          suggestions: [...labelFields],
        });
    }
    if (element.type === 'image') {
      const fault = imageFault(element.png);
      if (fault) add(`${at}.png`, 'not_png', fault);
    }
  }
  return errors;
}

/** What is wrong with a picture, in a sentence. Its size is read before its pixels are. */
function imageFault(base64: string): string | null {
  const bytes = Buffer.from(base64, 'base64');
  // The signature and the first chunk of every PNG (W3C PNG, 5.2 and 11.2.1).
  const isPng = bytes.subarray(0, 8).toString('hex') === '89504e470d0a1a0a' && bytes.subarray(12, 16).toString('latin1') === 'IHDR';
  if (!isPng || bytes.length < 33) return 'This is not a PNG.';
  if (bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > mostPixels) return 'The picture has more than 4 million pixels.';
  try {
    PNG.sync.read(bytes);
    return null;
  } catch {
    return 'The PNG is damaged.';
  }
}

const present = (row: TemplateRow): LabelTemplate => ({
  id: row.id,
  name: row.name,
  definition: row.definition,
  defaultFor: row.default_for,
  version: row.version,
});

/** A template. Problem not_found. */
export async function readTemplate(db: Db, id: string): Promise<LabelTemplate> {
  const row = await templateById(db, id);
  if (!row) throw new Problem('not_found', 'There is no label template with this id.');
  return present(row);
}

async function check(tx: Tx, template: Omit<LabelTemplate, 'version' | 'id'>, except: string | null): Promise<void> {
  const errors = definitionErrors(template.definition);
  const { unknown, taken } = await defaultsTaken(tx, template.defaultFor, except);
  for (const key of unknown) errors.push({ field: 'defaultFor', code: 'unknown', message: `There is no asset class ${key}.` });
  if (errors.length === 0 && taken.length > 0) {
    const message = taken.map(({ key, name }) => `“${name}” is the default for ${key} already.`).join(' ');
    throw new Problem('conflict', message, { errors: [{ field: 'defaultFor', code: 'taken', message }] });
  }
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

async function catchTakenName<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && 'constraint' in error && error.constraint === 'label_templates_name')) throw error;
    const message = 'There is a template with this name already.';
    throw new Problem('conflict', message, { errors: [{ field: 'name', code: 'taken', message }], cause: error });
  }
}

/** Adds a template; returns its id. Problems validation_failed, conflict. */
export async function addTemplate(tx: Tx, actor: Actor, input: Omit<LabelTemplate, 'version' | 'id'>, now: Date): Promise<string> {
  await check(tx, input, null);
  const id = newId(now.getTime());
  await catchTakenName(() =>
    insertTemplate(tx, { id, name: input.name, definition: input.definition, default_for: input.defaultFor }, now),
  );
  await note(tx, actor, id, 'created', `Added the label template “${input.name}”`, undefined, input);
  return id;
}

/** Changes a template. Problems not_found, stale, validation_failed, conflict. */
export async function changeTemplate(
  tx: Tx,
  actor: Actor,
  id: string,
  version: number,
  input: { [K in 'name' | 'definition' | 'defaultFor']?: LabelTemplate[K] | undefined },
  now: Date,
): Promise<void> {
  const before = await readTemplate(tx, id);
  const after = {
    name: input.name ?? before.name,
    definition: input.definition ?? before.definition,
    defaultFor: input.defaultFor ?? before.defaultFor,
  };
  await check(tx, after, id);
  const row = { id, name: after.name, definition: after.definition, default_for: after.defaultFor, version };
  if (!(await catchTakenName(() => updateTemplate(tx, row, now)))) throw new Problem('stale');
  await note(tx, actor, id, 'changed', `Changed the label template “${after.name}”`, before, after);
}

/** Removes a template. Problem not_found. */
export async function dropTemplate(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await readTemplate(tx, id);
  await removeTemplate(tx, id);
  await note(tx, actor, id, 'removed', `Removed the label template “${before.name}”`, before, undefined);
}

/** Pictures are left out of the log: their bytes say nothing to a reader. */
const withoutPictures = (value: unknown): unknown =>
  value === undefined
    ? undefined
    : (JSON.parse(JSON.stringify(value, (key, one: unknown) => (key === 'png' ? '(picture)' : one))) as unknown);

async function note(tx: Tx, actor: Actor, id: string, verb: string, summary: string, before: unknown, after: unknown): Promise<void> {
  await audit(tx, actor, {
    action: `label_template.${verb}`,
    resource: 'label-templates',
    resourceId: id,
    summary,
    before: withoutPictures(before),
    after: withoutPictures(after),
  });
}
