import { Client } from 'pg';
import { inboxChannel } from './store-inbox.ts';

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls `wake` at each commit that put something into the inbox. A lost connection is opened again after a second; nothing is missed, for
 * workers look by themselves too and `wake` is called after each reconnect.
 */
export async function listenToInbox(databaseUrl: string, wake: () => void): Promise<Listener> {
  let closed = false;
  let client: Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    if (closed) return;
    const fresh = new Client({ connectionString: databaseUrl, application_name: 'muster-inbox-listen', keepAlive: true });
    const lost = (): void => {
      if (client !== fresh) return;
      client = null;
      clearTimeout(retry);
      if (!closed) retry = setTimeout(() => void connect(), 1000);
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('notification', wake);
    client = fresh;
    try {
      await fresh.connect();
      await fresh.query(`listen ${inboxChannel}`);
      wake();
    } catch {
      lost();
      await fresh.end().catch(() => undefined);
    }
  };
  await connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
