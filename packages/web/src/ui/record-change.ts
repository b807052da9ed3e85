import { ApiProblem } from '@muster/api/client';
import { useMutation } from '@tanstack/react-query';
import { refreshAll } from '../app/api.ts';
import { t } from '../app/messages.ts';
import { say } from './forms.ts';

/**
 * A write and what follows it: a word about it, and everything it may have touched is read again. When someone else was
 * faster the record is read again too, so that the next try stands on what is there.
 */
export function useChange<V, R>(
  write: (values: V) => Promise<R>,
  done: { message?: string; onDone?: (result: R) => void; onError?: (error: unknown) => void } = {},
) {
  return useMutation({
    mutationFn: write,
    onSuccess: (result) => {
      if (done.message) say(done.message);
      done.onDone?.(result);
      void refreshAll();
    },
    onError: (error) => {
      done.onError?.(error);
      if (error instanceof ApiProblem && error.code === 'stale') {
        say(t('record.stale'));
        void refreshAll();
      }
    },
  });
}
