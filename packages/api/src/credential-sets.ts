import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What opens devices and machines to a network scan. Secrets go in and never come out, but to the collectors that use them. */
const params = z.object({ id: idSchema });

export const credentialKinds = ['snmp_v1', 'snmp_v2c', 'snmp_v3', 'ssh', 'winrm'] as const;
export const authProtocols = ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export const privProtocols = ['des', 'aes', 'aes256b', 'aes256r'] as const;

const secretText = z.string().min(1).max(200);
/** USM (RFC 3414) asks for at least eight characters. */
const passphrase = z.string().min(8).max(200);
const community = { community: secretText };
const v3 = {
  userName: z.string().trim().min(1).max(100),
  authProtocol: z.enum(authProtocols).nullable().default(null),
  authPassword: passphrase.nullable().default(null),
  privProtocol: z.enum(privProtocols).nullable().default(null),
  privPassword: passphrase.nullable().default(null),
  contextName: z.string().max(100).default(''),
};

const userName = z.string().trim().min(1).max(200);
const port = z.number().int().min(1).max(65_535);
const password = z.string().min(1).max(500);
const privateKey = z
  .string()
  .max(20_000)
  .regex(/^\s*-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----/, 'Paste the whole private key, from its line BEGIN to its line END.');
const ssh = {
  userName,
  password: password.nullable().default(null),
  privateKey: privateKey.nullable().default(null),
  passphrase: password.nullable().default(null),
  port: port.default(22),
};
/** Without a port: 5986 for HTTPS, 5985 for HTTP. */
const winrm = { userName, password, https: z.boolean().default(true), port: port.nullable().default(null) };

/** What opens a device or a machine. */
export const secretSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('snmp_v1'), ...community }),
    z.strictObject({ kind: z.literal('snmp_v2c'), ...community }),
    z.strictObject({ kind: z.literal('snmp_v3'), ...v3 }),
    z.strictObject({ kind: z.literal('ssh'), ...ssh }),
    z.strictObject({ kind: z.literal('winrm'), ...winrm }),
  ])
  .superRefine((secret, context) => {
    const need = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (secret.kind === 'ssh' && secret.password === null && secret.privateKey === null)
      need('password', 'Give a password or a private key.');
    if (secret.kind !== 'snmp_v3') return;
    if ((secret.authProtocol === null) !== (secret.authPassword === null))
      need('authPassword', 'Give an authentication protocol and its password together.');
    if ((secret.privProtocol === null) !== (secret.privPassword === null))
      need('privPassword', 'Give a privacy protocol and its password together.');
    if (secret.privProtocol !== null && secret.authProtocol === null) need('authProtocol', 'Privacy needs authentication too.');
  });
export type ScanSecret = z.output<typeof secretSchema>;
/** What opens a device to SNMP. */
export type SnmpSecret = Exclude<ScanSecret, { kind: 'ssh' | 'winrm' }>;
export type ScanSecretInput = z.input<typeof secretSchema>;

/** The names of what is secret; everything else of a set may be shown. */
export const secretFields = ['community', 'authPassword', 'privPassword', 'password', 'privateKey', 'passphrase'] as const;

/** What is to change of a secret of the same kind: what is absent stays, null takes it away. */
export const secretChangeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snmp_v1'), community: secretText.optional() }),
  z.strictObject({ kind: z.literal('snmp_v2c'), community: secretText.optional() }),
  z.strictObject({
    kind: z.literal('snmp_v3'),
    userName: z.string().trim().min(1).max(100).optional(),
    authProtocol: z.enum(authProtocols).nullable().optional(),
    authPassword: passphrase.nullable().optional(),
    privProtocol: z.enum(privProtocols).nullable().optional(),
    privPassword: passphrase.nullable().optional(),
    contextName: z.string().max(100).optional(),
  }),
  z.strictObject({
    kind: z.literal('ssh'),
    userName: userName.optional(),
    password: password.nullable().optional(),
    privateKey: privateKey.nullable().optional(),
    passphrase: password.nullable().optional(),
    port: port.optional(),
  }),
  z.strictObject({
    kind: z.literal('winrm'),
    userName: userName.optional(),
    password: password.optional(),
    https: z.boolean().optional(),
    port: port.nullable().optional(),
  }),
]);
export type SecretChange = z.output<typeof secretChangeSchema>;

export const credentialSetResource = defineResource({
  name: 'credential-sets',
  label: 'Credential set',
  plural: 'Credential sets',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    kind: {
      type: 'enum',
      label: 'Kind',
      values: credentialKinds,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    userName: { type: 'text', label: 'User name', about: 'Of SNMPv3, SSH or WinRM.', filterable: true, column: 'shown' },
    protection: {
      type: 'text',
      label: 'Protection',
      about: 'Protocols of SNMPv3; how SSH logs in; HTTPS or HTTP of WinRM.',
      filterable: true,
      column: 'shown',
    },
    networks: {
      type: 'integer',
      label: 'Networks',
      about: 'Networks that use it.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const credentialSetListRoutes = listRoutesOf(credentialSetResource, '/api/v1/credential-sets', 'discovery:read');
export const credentialSetSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(credentialKinds),
  userName: z.string().nullable(),
  protection: z.string().nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type CredentialSet = z.infer<typeof credentialSetSchema>;
/** Without anything secret. `holds` names the secrets that are set. */
export const credentialSetDetailSchema = credentialSetSchema.extend({
  settings: z.object({
    authProtocol: z.enum(authProtocols).nullable(),
    privProtocol: z.enum(privProtocols).nullable(),
    contextName: z.string().nullable(),
    port: z.number().int().nullable(),
    https: z.boolean().nullable(),
    holds: z.array(z.enum(secretFields)),
  }),
});
export type CredentialSetDetail = z.infer<typeof credentialSetDetailSchema>;
const credentialName = z.string().trim().min(1).max(200);
const secrets = { tag: 'Credential sets', access: 'discovery:write' } as const;
export const getCredentialSet = defineRoute({
  tag: 'Credential sets',
  method: 'GET',
  path: '/api/v1/credential-sets/:id',
  summary: 'Get a credential set without its secrets',
  access: 'discovery:read',
  params,
  response: credentialSetDetailSchema,
  errors: ['not_found'],
});
export const createCredentialSet = defineRoute({
  ...secrets,
  method: 'POST',
  path: '/api/v1/credential-sets',
  summary: 'Add a credential set',
  description:
    'The secret is sealed before it is stored. No answer, list, export or log ever shows it; only the collectors of the networks that use it get it.',
  body: z.strictObject({ name: credentialName, secret: secretSchema }),
  response: credentialSetSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateCredentialSet = defineRoute({
  ...secrets,
  method: 'PATCH',
  path: '/api/v1/credential-sets/:id',
  summary: 'Rename a credential set or change its secret',
  description: 'Of a secret of the same kind, what is not given stays as it is; another kind needs everything.',
  params,
  body: z.strictObject({ name: credentialName.optional(), secret: secretChangeSchema.optional() }),
  response: credentialSetSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'conflict', 'stale'],
});
export const deleteCredentialSet = defineRoute({
  ...secrets,
  method: 'DELETE',
  path: '/api/v1/credential-sets/:id',
  summary: 'Remove a credential set',
  description: 'Refused with `conflict` while a network uses it.',
  params,
  status: 204,
  errors: ['not_found', 'conflict'],
});
