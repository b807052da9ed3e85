export { testApp, type TestActor, type TestApp, type TestAppOptions } from './app.ts';
export { countQueries } from './count-queries.ts';
export { testDb, type TestDb } from './database.ts';
export { emptyTables } from './empty-tables.ts';
export { resourceSuite, type ResourceSuite } from './resource-suite.ts';
