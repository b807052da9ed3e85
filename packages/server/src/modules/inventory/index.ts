export { type Fork, tellFork } from './forks.ts';
export { type IngestItem, ingestReports, type IngestResult } from './ingest.ts';
export { networkKnowledge } from './network-knowledge.ts';
export { noteSightings, type Sighting } from './sightings.ts';
export { countUnmanaged } from './unmanaged.ts';
