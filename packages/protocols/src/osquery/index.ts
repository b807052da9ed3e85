export * from './logs.ts';
export * from './messages.ts';
export * from './queries.ts';
