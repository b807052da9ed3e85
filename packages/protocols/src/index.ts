export * from './envelope/index.ts';
export * from './inventory/index.ts';
export * from './login/index.ts';
export * from './osquery/index.ts';
export * from './report.ts';
export * from './snmp/index.ts';
