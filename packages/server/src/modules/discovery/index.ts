export { type ConnectorReport, deliverReports } from './deliver.ts';
export { processBatch, type ProcessOptions } from './process.ts';
export { type InboxWorker, type InboxWorkerOptions, startInboxWorker } from './worker.ts';
