export { type IngestItem, ingestReports, type IngestResult } from './ingest.ts';
export { networkKnowledge } from './network-knowledge.ts';
