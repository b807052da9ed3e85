import { z } from 'zod';

/** One setting: read from the environment or an argument, documented in docs/guides/configuration.md from this table. */
export interface ConfigOption {
  /** The field of Config. */
  readonly name: string;
  readonly env: string;
  readonly flag: string | null;
  readonly kind: 'text' | 'number' | 'boolean';
  /** As text, before validation; null when absent is an answer of its own. */
  readonly default: string | null;
  /** What happens without it, for the docs, when `default` is null. */
  readonly absent?: string;
  readonly schema: z.ZodType<unknown, string>;
  readonly example: string;
  readonly secret?: boolean;
  readonly description: string;
}

const integer = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `expected a whole number from ${min} to ${max}`);
const flag: z.ZodType<boolean, string> = z
  .string()
  .toLowerCase()
  .refine((value) => ['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'].includes(value), 'expected true or false')
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(value));
const url = (schemes: string[], what: string): z.ZodType<string, string> =>
  z.string().refine((value) => schemes.includes(URL.parse(value)?.protocol ?? ''), `expected ${what}`);
const secret = (min: number): z.ZodType<string, string> => z.string().min(min, `expected at least ${min} characters`);

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Every setting there is. */
export const configOptions: readonly ConfigOption[] = [
  {
    name: 'host',
    env: 'HOST',
    flag: '--host',
    kind: 'text',
    default: '127.0.0.1',
    schema: z.string().regex(/^[\w.:-]+$/, 'expected a host name or an address'),
    example: '0.0.0.0',
    description: 'The address to listen on. `0.0.0.0` opens it to the network: put a TLS proxy in front, or keep it to a trusted network.',
  },
  {
    name: 'port',
    env: 'PORT',
    flag: '--port',
    kind: 'number',
    default: '3000',
    schema: integer(0, 65535),
    example: '8080',
    description: 'The port of UI, API and agent endpoints. 0 takes any free port.',
  },
  {
    name: 'dataDir',
    env: 'MUSTER_DATA_DIR',
    flag: '--data-dir',
    kind: 'text',
    default: './data',
    schema: z.string().refine((value) => !value.includes('\0'), 'expected a path'),
    example: '/var/lib/muster',
    description:
      'Where Muster keeps what must last: the embedded PostgreSQL and the generated secret key. Copy it only while Muster is stopped; while it runs, back up with `pg_dump` (docs/guides/running.md).',
  },
  {
    name: 'databaseUrl',
    env: 'DATABASE_URL',
    flag: '--database-url',
    kind: 'text',
    default: null,
    absent: 'PostgreSQL runs embedded, under the data folder',
    secret: true,
    schema: url(['postgres:', 'postgresql:'], 'a PostgreSQL URL that starts with postgres://'),
    example: 'postgres://muster:secret@db.example.com:5432/muster',
    description:
      'A PostgreSQL server of version 15 or later to use instead. The user must own the database or may create the extension `pg_trgm`.',
  },
  {
    name: 'dbPoolMax',
    env: 'MUSTER_DB_POOL',
    flag: '--db-pool',
    kind: 'number',
    default: '16',
    schema: integer(2, 500),
    example: '20',
    description: 'Most database connections one process opens.',
  },
  {
    name: 'adminEmail',
    env: 'MUSTER_ADMIN_EMAIL',
    flag: null,
    kind: 'text',
    default: null,
    absent: 'a one-time set-up link is printed at the first start',
    schema: z.email('expected an e-mail address'),
    example: 'admin@example.com',
    description: 'Creates the first administrator unattended, with the password below. Does nothing once a user exists.',
  },
  {
    name: 'adminPassword',
    env: 'MUSTER_ADMIN_PASSWORD',
    flag: null,
    kind: 'text',
    default: null,
    absent: 'see above',
    schema: secret(10),
    example: 'a long sentence you remember',
    secret: true,
    description: 'The first administrator’s password, at least 10 characters.',
  },
  {
    name: 'apiToken',
    env: 'MUSTER_API_TOKEN',
    flag: null,
    kind: 'text',
    default: null,
    absent: 'no bootstrap token',
    schema: secret(16),
    example: 'output of: openssl rand -hex 32',
    secret: true,
    description: 'A bearer token with the administrator’s rights for automation, at least 16 characters. It holds as long as it is set.',
  },
  {
    name: 'enrolmentKey',
    env: 'MUSTER_ENROLMENT_KEY',
    flag: null,
    kind: 'text',
    default: null,
    absent: 'keys are made in the UI under Discovery',
    schema: secret(8).refine((value) => /^[\w.~-]+$/.test(value), 'expected letters, digits and . _ ~ - only, since it is part of a URL'),
    example: 'output of: openssl rand -hex 16',
    secret: true,
    description: 'An enrolment key for agents that exists from the first start, at least 8 characters.',
  },
  {
    name: 'secretKey',
    env: 'MUSTER_SECRET_KEY',
    flag: null,
    kind: 'text',
    default: null,
    absent: 'generated into `secret.key` in the data folder, readable by its owner only',
    schema: secret(16),
    example: 'output of: openssl rand -base64 32',
    secret: true,
    description:
      'Encrypts stored credentials (AES-256-GCM). All processes of one installation need the same. Losing it loses those credentials.',
  },
  {
    name: 'baseUrl',
    env: 'MUSTER_BASE_URL',
    flag: '--base-url',
    kind: 'text',
    default: null,
    absent: '`http://<host>:<port>`',
    schema: url(['http:', 'https:'], 'a URL that starts with http:// or https://'),
    example: 'https://muster.example.com',
    description: 'The address people and agents use. With `https:` cookies are marked secure.',
  },
  {
    name: 'trustProxy',
    env: 'MUSTER_TRUST_PROXY',
    flag: null,
    kind: 'boolean',
    default: 'false',
    schema: flag,
    example: 'true',
    description: 'Believe `X-Forwarded-For` and `X-Forwarded-Proto`. Only behind a proxy that sets them.',
  },
  {
    name: 'maxReportMib',
    env: 'MUSTER_MAX_REPORT_MIB',
    flag: null,
    kind: 'number',
    default: '64',
    schema: integer(1, 1024),
    example: '128',
    description: 'The largest report of an agent, inflated, in MiB. Larger ones are refused with 413.',
  },
  {
    name: 'maxAttachmentMib',
    env: 'MUSTER_MAX_ATTACHMENT_MIB',
    flag: null,
    kind: 'number',
    default: '25',
    schema: integer(1, 1024),
    example: '50',
    description: 'The largest file attached to an asset, in MiB. Larger ones are cut off while they come and refused with 413.',
  },
  {
    name: 'maxImportMib',
    env: 'MUSTER_MAX_IMPORT_MIB',
    flag: null,
    kind: 'number',
    default: '512',
    schema: integer(1, 4096),
    example: '1024',
    description: 'The largest file to import, in MiB. Larger ones are refused with 413 before they are stored.',
  },
  {
    name: 'logLevel',
    env: 'LOG_LEVEL',
    flag: '--log-level',
    kind: 'text',
    default: 'info',
    schema: z.enum(logLevels, `expected one of ${logLevels.join(', ')}`),
    example: 'debug',
    description: 'How much is logged, as JSON lines on standard output.',
  },
  {
    name: 'demo',
    env: 'MUSTER_DEMO',
    flag: '--demo',
    kind: 'boolean',
    default: 'false',
    schema: flag,
    example: 'true',
    description: 'Fill an empty installation with the demo organisation after the start.',
  },
];
