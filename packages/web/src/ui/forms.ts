import { notifications } from '@mantine/notifications';
import type { UseFormReturnType } from '@mantine/form';
import { ApiProblem } from '@muster/api/client';
import { t } from '../app/messages.ts';

/**
 * Puts a problem's bad fields on the form's inputs; the names of the API are those of the form, `body.` in front is dropped. A
 * field inside an object of the API may be an input of its own: `secret.community` is the input `community`.
 * Returns the problem when something remains that no input can show.
 */
export function showProblemOn<T extends Record<string, unknown>>(form: UseFormReturnType<T>, error: unknown): unknown {
  if (!(error instanceof ApiProblem) || !error.errors?.length) return error;
  const values = form.getValues();
  const shown = new Map<string, string>();
  let rest = false;
  for (const e of error.errors) {
    const path = e.field.replace(/^body\./, '');
    const name = [path, path.replace(/^.*\./, ''), path.replace(/[.[].*$/, '')].find((one) => one in values) ?? path;
    if (name in values) shown.set(name, shown.has(name) ? `${shown.get(name)}; ${e.message}` : e.message);
    else rest = true;
  }
  form.setErrors(Object.fromEntries(shown));
  const first = [...shown.keys()][0];
  if (first) form.getInputNode(first)?.focus();
  return rest ? error : null;
}

/** A short confirmation that blocks nothing. */
export function say(message: string): void {
  notifications.show({ message, autoClose: 4000, withBorder: true, closeButtonProps: { 'aria-label': t('action.close') } });
}

/** An empty input is null on the wire. */
export function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
