export { evidenceIdsFor, type EvidenceInput } from './evidence.ts';
export { foldInstallationChanges, type InstallationChange, noteInstallationChanges, settleCounts } from './counts.ts';
