import { ApiProblem } from '@muster/api/client';

/** A problem in one sentence, where there is room for no more: its first bad field, else what it says itself. */
export function problemText(error: unknown): string {
  if (error instanceof ApiProblem) return error.errors?.[0]?.message ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
