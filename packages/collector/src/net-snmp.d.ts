/** The part of net-snmp that the collector uses; the package brings no types of its own. */
declare module 'net-snmp' {
  import type { EventEmitter } from 'node:events';

  export interface Varbind {
    oid: string;
    type: number;
    value: unknown;
  }
  export interface User {
    name: string;
    level: number;
    authProtocol?: number;
    authKey?: string;
    privProtocol?: number;
    privKey?: string;
  }
  export interface SessionOptions {
    port?: number;
    retries?: number;
    timeout?: number;
    transport?: 'udp4' | 'udp6';
    version?: number;
    context?: string;
    idBitsSize?: number;
    backwardsGetNexts?: boolean;
  }
  export interface Session extends EventEmitter {
    getNext(oids: string[], answer: (error: Error | null, varbinds?: Varbind[]) => void): void;
    getBulk(
      oids: string[],
      nonRepeaters: number,
      maxRepetitions: number,
      answer: (error: Error | null, varbinds?: (Varbind[] | Varbind)[]) => void,
    ): void;
    close(): void;
  }
  interface NetSnmp {
    createSession(target: string, community: string, options: SessionOptions): Session;
    createV3Session(target: string, user: User, options: SessionOptions): Session;
    Version1: number;
    Version2c: number;
    Version3: number;
    SecurityLevel: Record<'noAuthNoPriv' | 'authNoPriv' | 'authPriv', number>;
    AuthProtocols: Record<string, number>;
    PrivProtocols: Record<string, number>;
  }
  const snmp: NetSnmp;
  export default snmp;
}
