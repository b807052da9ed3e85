export { type IngestItem, ingestReports, type IngestResult } from './ingest.ts';
