export { type BulkOperation, registerBulkOperation, type Verdict } from './operations.ts';
