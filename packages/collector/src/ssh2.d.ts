/** The part of ssh2 that the collector uses; the package brings no types of its own. */
declare module 'ssh2' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export interface Channel extends Readable {
    readonly stderr: Readable;
    close(): void;
  }
  export interface ConnectConfig {
    host: string;
    port: number;
    username: string;
    password?: string;
    privateKey?: string;
    passphrase?: string;
    readyTimeout: number;
    hostVerifier: (key: Buffer) => boolean;
  }
  export class Client extends EventEmitter {
    /** Throws when a private key cannot be read. */
    connect(config: ConnectConfig): this;
    exec(command: string, answer: (error: Error | undefined, channel: Channel) => void): boolean;
    destroy(): this;
  }
  /** The other side, for tests. */
  export class Server extends EventEmitter {
    constructor(options: { hostKeys: string[] });
    listen(port: number, host: string, ready: () => void): this;
    address(): { port: number };
    close(done: () => void): this;
  }
  const ssh2: {
    Client: typeof Client;
    Server: typeof Server;
    utils: { generateKeyPairSync(type: 'ed25519'): { private: string; public: string } };
  };
  export default ssh2;
}
