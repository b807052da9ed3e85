import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { loginMethods, scanLimits, scanLogLineSchema, scanRunStates, secretSchema } from './scans.ts';

/**
 * What a collector and the server say to each other, over `/collector/...` with an enrolment key of the kind `collector` as bearer token.
 * Bodies are JSON, plain or gzip. Every message may be sent again: the server keeps each result once.
 */
export const collectorPaths = {
  work: '/collector/work',
  host: (runId: string): string => `/collector/runs/${runId}/hosts`,
  progress: (runId: string): string => `/collector/runs/${runId}/progress`,
  end: (runId: string): string => `/collector/runs/${runId}/end`,
} as const;

export const collectorHelloSchema = z.object({ version: z.string().max(60), host: z.string().max(255) });

export const scanCredentialSchema = z.object({ id: idSchema, name: z.string(), secret: secretSchema });
export type ScanCredential = z.infer<typeof scanCredentialSchema>;

/** SHA-256 of a host key of SSH or of a certificate, in base64. */
const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);
export const knownHostKeySchema = z.object({ address: z.string().max(60), method: z.enum(loginMethods), fingerprint });
export type KnownHostKey = z.infer<typeof knownHostKeySchema>;

/** One run with all that is needed to do it. The credentials stay in the collector's memory. */
export const scanWorkSchema = z.object({
  runId: idSchema,
  rangeId: idSchema,
  name: z.string(),
  ranges: z.array(z.string()),
  excluded: z.array(z.string()),
  allowPublic: z.boolean(),
  ...scanLimits,
  credentials: z.array(scanCredentialSchema),
  /** Keys that hosts of the network showed before; another one is refused. */
  hostKeys: z.array(knownHostKeySchema),
});
export type ScanWork = z.infer<typeof scanWorkSchema>;
export const collectorWorkSchema = z.object({ runs: z.array(scanWorkSchema) });

/** How the host showed that it is there. */
export const probeSchema = z.object({
  /** `icmp`, `tcp/443` (open), `tcp/22 refused`, `arp`, `mdns`, `snmp`, `ssh`, `winrm`. */
  by: z.array(z.string().max(40)).max(80),
  openPorts: z.array(z.number().int()).max(64),
  mac: z.string().max(40).nullable(),
  /** From the reverse lookup; null when there is none. Never the address itself. */
  name: z.string().max(255).nullable(),
  /** What the host said by multicast DNS; absent when it did not. */
  mdns: z
    .object({ name: z.string().max(255).nullable(), services: z.array(z.string().max(64)).max(50), model: z.string().max(255).nullable() })
    .optional(),
});
export type Probe = z.infer<typeof probeSchema>;

/** Why a subtree ends where it does: `end` is all there is, everything else is missing something. */
export const subtreeEnds = ['end', 'loop', 'too_many', 'too_slow', 'no_answer', 'error', 'not_reached'] as const;
export const subtreeSchema = z.object({
  name: z.string().max(60),
  oid: z.string().max(200),
  values: z.number().int(),
  ended: z.enum(subtreeEnds),
});
export type Subtree = z.infer<typeof subtreeSchema>;

export const snmpWalkSchema = z.object({
  credentialId: idSchema.nullable(),
  version: z.enum(['1', '2c', '3']),
  port: z.number().int(),
  startedAt: instantSchema,
  finishedAt: instantSchema,
  requests: z.number().int(),
  subtrees: z.array(subtreeSchema).max(200),
  /** Sentences: what could not be read, and why. */
  missing: z.array(z.string().max(500)).max(200),
  /** One value a line, `OID|TAG|VALUE`, in the order of the OIDs: the recording format of snmpsim (`4x` and `64x` hold hexadecimal). */
  rows: z.string(),
});
export type SnmpWalk = z.infer<typeof snmpWalkSchema>;

/** Why an output ends where it does: `end` is all of it. */
export const outputEnds = ['end', 'too_long', 'too_slow', 'lost', 'not_reached'] as const;
export const loginOutputSchema = z.object({
  name: z.string().max(60),
  text: z.string(),
  ended: z.enum(outputEnds),
  /** Exit status; null when the command did not come to its end. */
  code: z.number().int().nullable(),
});
export type LoginOutput = z.infer<typeof loginOutputSchema>;

/** What a machine printed after a login, as it came. */
export const loginSchema = z.object({
  method: z.enum(loginMethods),
  credentialId: idSchema,
  port: z.number().int(),
  system: z.enum(['linux', 'darwin', 'windows']),
  startedAt: instantSchema,
  finishedAt: instantSchema,
  outputs: z.array(loginOutputSchema).max(60),
  /** Sentences: what could not be read, and why. */
  missing: z.array(z.string().max(500)).max(60),
});
export type Login = z.infer<typeof loginSchema>;

/** A key that the host showed; `refused` when it is another one than before, and nothing was sent. */
export const shownHostKeySchema = z.object({ method: z.enum(loginMethods), fingerprint, refused: z.boolean() });
export type ShownHostKey = z.infer<typeof shownHostKeySchema>;

/** What was found at one address, as it is kept. `format` tells readers of later versions what they have. */
export const hostResultSchema = z.object({
  format: z.literal('muster-host-1'),
  runId: idSchema,
  rangeId: idSchema,
  address: z.string().max(60),
  seenAt: instantSchema,
  probe: probeSchema,
  /** Null when no credential opened it. */
  snmp: snmpWalkSchema.nullable(),
  /** Of a machine that a login opened; it is not walked as well. */
  login: loginSchema.nullish(),
  hostKeys: z.array(shownHostKeySchema).max(16).optional(),
  collector: collectorHelloSchema,
});
export type HostResult = z.infer<typeof hostResultSchema>;
export const hostAnswerSchema = z.object({ reportId: idSchema, stored: z.boolean(), state: z.enum(scanRunStates) });

const count = z.number().int().min(0).max(2_000_000);
export const scanProgressSchema = z.object({
  total: count,
  probed: count,
  up: count,
  walked: count,
  log: z.array(scanLogLineSchema).max(200),
});
export type ScanProgress = z.infer<typeof scanProgressSchema>;
/** A run that is no longer `running` is to be stopped. */
export const progressAnswerSchema = z.object({ state: z.enum(scanRunStates) });

export const scanEndSchema = scanProgressSchema.extend({
  outcome: z.enum(['done', 'failed', 'cancelled']),
  message: z.string().max(1000).nullable(),
});
export type ScanEnd = z.infer<typeof scanEndSchema>;
