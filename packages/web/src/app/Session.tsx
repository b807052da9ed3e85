import { getSession, type Session } from '@muster/api/access';
import type { Permission } from '@muster/api/permissions';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { call, keyOf } from './api.ts';

/** The session is asked for once and kept until sign-out or until the server says that it ended. */
export const sessionQuery = queryOptions({
  queryKey: keyOf(getSession),
  queryFn: async ({ signal }): Promise<Session> => (await call(getSession, { signal })).data,
  staleTime: 5 * 60_000,
});

export interface SessionView extends Session {
  can: (permission: Permission) => boolean;
}

const SessionContext = createContext<SessionView | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  // After a renewed sign-in the query holds the newer permissions.
  const newest = useQuery({ ...sessionQuery, enabled: false }).data ?? session;
  const view: SessionView = { ...newest, can: (permission) => newest.permissions.includes(permission) };
  return <SessionContext value={view}>{children}</SessionContext>;
}

/** Who is signed in and what they may do. Only below the shell. */
export function useSession(): SessionView {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is used outside the shell');
  return session;
}
