export { detectEncoding, type Encoding, openBody, type OpenBody } from './body.ts';
export { type AgentHeaders, deviceKeyOf, inspect, type Inspection } from './inspect.ts';
export { defaultLimits, type Limits, type Refusal, type RefusalCode } from './limits.ts';
export type { DiscoveryJob, NetworkJob, QueryJob, SnmpAccess } from './network-jobs.ts';
export { type EncodedReply, encodeReply, type Reply, type ReplyTarget } from './reply.ts';
