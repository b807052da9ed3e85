import { Client } from 'pg';

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls `wake` at each commit that notified `channel`, and after each time the connection was lost and opened again (a second later), so that
 * nothing is missed by a caller that then looks for itself. `channel` is a plain identifier.
 */
export async function listen(databaseUrl: string, channel: string, wake: () => void): Promise<Listener> {
  let closed = false;
  let client: Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    if (closed) return;
    const fresh = new Client({ connectionString: databaseUrl, application_name: `muster-listen-${channel}`, keepAlive: true });
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
      await fresh.query(`listen "${channel}"`);
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
