import { pino, type DestinationStream, type Logger } from 'pino';

const secretNames = [
  'password',
  'passwordHash',
  'newPassword',
  'token',
  'apiToken',
  'secret',
  'secretKey',
  'enrolmentKey',
  'authorization',
  'cookie',
  'set-cookie',
  'databaseUrl',
  'adminPassword',
  'enroll_secret',
  'node_key',
];

/** At the top, one and two levels down: pino looks at fixed depths only. */
const redactedPaths = secretNames.flatMap((name) => {
  const key = name.includes('-') ? `["${name}"]` : name;
  const below = name.includes('-') ? key : `.${key}`;
  return [key, `*${below}`, `*.*${below}`];
});

/** JSON lines on standard output, secrets replaced. `req` is logged with its URL's secrets removed. */
export function createLogger(options: { logLevel: string }, destination?: DestinationStream): Logger {
  const settings = {
    level: options.logLevel,
    base: { pid: process.pid },
    redact: { paths: redactedPaths, censor: '[secret]' },
    serializers: {
      err: pino.stdSerializers.err,
      req: (request: { method?: string; url?: string; id?: unknown; ip?: string }) => ({
        id: request.id,
        method: request.method,
        url: redactUrl(request.url ?? ''),
        ip: request.ip,
      }),
    },
  };
  return destination ? pino(settings, destination) : pino(settings);
}

/** A URL fit for a log: the enrolment key of an agent path, the token of a signed link, set-up tokens, passwords and secret query values are replaced. */
export function redactUrl(url: string): string {
  return url
    .replace(/^(\/(?:agent|ocsinventory)\/)[^/?#]+/, '$1[secret]')
    .replace(/^((?:\/api\/v1)?\/(?:accept|unsubscribe)\/)[^/?#]+/, '$1[secret]')
    .replace(/([?&](?:token|key|secret|password|code)=)[^&#]*/gi, '$1[secret]')
    .replace(/^(\w+:\/\/[^:/@\s]+):[^@/\s]*@/, '$1:[secret]@');
}
