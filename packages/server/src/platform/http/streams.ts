import type { FastifyReply, FastifyRequest } from 'fastify';

export interface EventStream {
  /** Sends one event; false when the reader is gone. */
  send(event: string, data: unknown): boolean;
  end(): void;
  /** Aborted when the reader goes away or the server stops. */
  readonly signal: AbortSignal;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Ends one open event stream each: a stopping server does not wait for readers that never leave. */
    openStreams: Set<() => void>;
  }
}

/** Turns the reply into server-sent events. Comments every 15 s keep proxies from closing it. The handler must return after the stream ended. */
export function eventStream(request: FastifyRequest, reply: FastifyReply): EventStream {
  const gone = new AbortController();
  reply.hijack();
  const raw = reply.raw;
  const open = request.server.openStreams;
  // Set-Cookie, security headers and the request id were put on the reply by hooks; a hijacked reply must carry them itself.
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  raw.write('retry: 2000\n\n');
  const beat = setInterval(() => raw.write(': still here\n\n'), 15_000);
  const end = (): void => {
    clearInterval(beat);
    open.delete(end);
    gone.abort();
    if (!raw.writableEnded) raw.end();
  };
  open.add(end);
  request.raw.once('close', end);
  return {
    signal: gone.signal,
    end,
    send(event, data) {
      if (gone.signal.aborted) return false;
      raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      return true;
    },
  };
}
