import { signOut } from '@muster/api/access';
import { call, queryClient } from './api.ts';

/** Signs out and forgets everything this page has read. */
export function useSignOut(): () => void {
  return () => {
    void call(signOut, {})
      .catch(() => undefined)
      .then(() => {
        queryClient.clear();
        // A full load, so that nothing of the session stays in memory.
        window.location.assign('/sign-in');
      });
  };
}
