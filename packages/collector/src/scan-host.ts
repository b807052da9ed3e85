import type { Probe, ScanCredential, ScanWork, SnmpWalk } from '@muster/api/collector';
import { probeHost } from './probe.ts';
import { SnmpSession, versionOf } from './snmp-session.ts';
import { walkDevice } from './walk.ts';

export interface HostFindings {
  readonly probe: Probe;
  readonly snmp: SnmpWalk | null;
}

export interface HostOptions {
  readonly work: ScanWork;
  readonly canPing: boolean;
  readonly turn: () => Promise<void>;
  readonly signal: AbortSignal;
}

const SYSTEM = '1.3.6.1.2.1.1';

/** Everything about one address; null when nothing answers there. */
export async function scanHost(address: string, options: HostOptions): Promise<HostFindings | null> {
  const { work } = options;
  const [probe, credential] = await Promise.all([
    probeHost(address, {
      tcpPorts: work.tcpPorts,
      timeoutMs: work.timeoutMs,
      ping: work.ping && options.canPing,
      resolveNames: work.resolveNames,
      turn: options.turn,
    }),
    firstThatOpens(address, options),
  ]);
  if (credential === null) return probe.by.length === 0 ? null : { probe, snmp: null };
  const snmp = await readBySnmp(address, credential, options);
  return { probe: { ...probe, by: [...probe.by, 'snmp'] }, snmp };
}

/** All credentials are asked at once, as most addresses are silent; of those that open the first in order is taken. */
async function firstThatOpens(address: string, options: HostOptions): Promise<ScanCredential | null> {
  const opened = await Promise.all(
    options.work.credentials.map(async (credential) => {
      const session = new SnmpSession(targetOf(address, credential, options), options.turn);
      try {
        // Asked twice, as a packet may be lost and the first one may still be waiting for the address to be resolved.
        for (let attempt = 0; attempt < 2; attempt++) {
          const answer = await session.after(SYSTEM, 1);
          if (answer.kind === 'values' || answer.kind === 'ended') return true;
          if (answer.kind !== 'no_answer') return false;
        }
        return false;
      } finally {
        session.close();
      }
    }),
  );
  return options.work.credentials[opened.indexOf(true)] ?? null;
}

const targetOf = (address: string, credential: ScanCredential, { work }: HostOptions) => ({
  address,
  port: work.snmpPort,
  timeoutMs: work.timeoutMs,
  secret: credential.secret,
});

async function readBySnmp(address: string, credential: ScanCredential, options: HostOptions): Promise<SnmpWalk> {
  const { work, turn, signal } = options;
  const session = new SnmpSession(targetOf(address, credential, options), turn);
  const startedAt = new Date().toISOString();
  try {
    const walk = await walkDevice(session, { maxRows: work.maxRows, deadline: performance.now() + work.hostSeconds * 1000, signal });
    return {
      credentialId: credential.id,
      version: versionOf(credential.secret),
      port: work.snmpPort,
      startedAt,
      finishedAt: new Date().toISOString(),
      requests: session.requests,
      ...walk,
    };
  } finally {
    session.close();
  }
}
