export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  readonly apiToken: string | null;
  readonly enrolmentKey: string | null;
  readonly secretKey: string | null;
  readonly baseUrl: string;
  readonly logLevel: string;
  readonly demo: boolean;
}
