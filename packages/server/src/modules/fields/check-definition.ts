import type { CustomField } from '@muster/api/custom-fields';
import { customLimits } from '@muster/api/custom-fields';
import type { FieldError } from '@muster/api/errors';
import { PatternError, readPattern, readValue } from '@muster/core/custom-fields';
import type { Tx } from '../../platform/db/types.ts';
import { classTree, fieldsInForce, labelTaken } from './store.ts';

const uniqueTypes: readonly CustomField['type'][] = ['text', 'number', 'url', 'person', 'place', 'asset'];
const withOptions: readonly CustomField['type'][] = ['choice', 'multi_choice'];

/** Everything that is wrong with a definition as it would be stored. `before` is what it was, for options that may not go. */
export async function definitionErrors(tx: Tx, field: CustomField, before: CustomField | null): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const wrong = (name: string, code: string, message: string): void => void errors.push({ field: name, code, message });
  if (await labelTaken(tx, field.resource, field.label, field.id))
    wrong('label', 'taken', 'Another field of this resource has this label.');
  if (!before && (await fieldsInForce(tx, field.resource)).length >= customLimits.fields)
    wrong('resource', 'too_many', `A resource has at most ${customLimits.fields} custom fields. Archive one first.`);
  ofType(field, wrong);
  if (before?.type === field.type) {
    const gone = before.options.find((option) => !field.options.some((one) => one.value === option.value));
    if (gone) wrong('options', 'in_use', `“${gone.label}” may be chosen somewhere: retire it instead of removing it.`);
  }
  const tree = await classTree(tx);
  const hasClass = field.resource === 'assets' || field.resource === 'models';
  if (field.class !== null && !hasClass) wrong('class', 'not_applicable', 'Only assets and models have a class.');
  else if (field.class !== null && !tree.has(field.class)) wrong('class', 'unknown', 'There is no asset class with this key.');
  defaults(field, [...tree.keys()], wrong);
  return errors;
}

type Wrong = (name: string, code: string, message: string) => void;

function ofType(field: CustomField, wrong: Wrong): void {
  const values = field.options.map((option) => option.value);
  if (withOptions.includes(field.type)) {
    if (field.options.every((option) => option.retired)) wrong('options', 'required', 'Give at least one option that can be chosen.');
    if (new Set(values).size !== values.length) wrong('options', 'twice', 'Two options have the same value.');
  } else if (field.options.length > 0) wrong('options', 'not_applicable', 'Only a choice has options.');
  if (field.unit !== null && field.type !== 'number') wrong('unit', 'not_applicable', 'Only a number has a unit.');
  if (field.unique && !uniqueTypes.includes(field.type)) wrong('unique', 'not_applicable', 'Values of this type cannot be unique.');
  if (field.indexed && field.type === 'encrypted') wrong('indexed', 'not_applicable', 'An encrypted value cannot be indexed.');
  if (field.required && field.type === 'encrypted')
    wrong('required', 'not_applicable', 'An encrypted value is set on its own, so it cannot be required.');
  if (field.pattern === null) return;
  if (field.type !== 'text') return wrong('pattern', 'not_applicable', 'Only a text has a pattern.');
  try {
    readPattern(field.pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    wrong('pattern', 'refused', error.message);
  }
}

function defaults(field: CustomField, classes: readonly string[], wrong: Wrong): void {
  const given = Object.entries(field.classDefaults);
  if (given.length > 0 && field.resource !== 'assets')
    wrong('classDefaults', 'not_applicable', 'Only assets take values from their class.');
  if (field.unique && (field.default !== null || given.length > 0))
    wrong('default', 'not_applicable', 'A unique value cannot be a default.');
  for (const [name, value] of [['default', field.default], ...given.map(([key, one]) => [`classDefaults.${key}`, one] as const)] as const) {
    if (value === null) continue;
    try {
      const read = readValue(field, value);
      if ('error' in read) wrong(name, 'invalid', read.error);
    } catch (error) {
      // The pattern itself is refused above.
      if (!(error instanceof PatternError)) throw error;
    }
  }
  for (const [key] of given) if (!classes.includes(key)) wrong(`classDefaults.${key}`, 'unknown', 'There is no asset class with this key.');
}
