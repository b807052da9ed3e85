export { testDb, type TestDb } from './database.ts';
