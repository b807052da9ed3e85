export { evidenceIdsFor, type EvidenceInput } from './evidence.ts';
export { foldInstallationChanges, type InstallationChange, noteInstallationChanges, settleCounts } from './counts.ts';
export {
  forgetProductChanges,
  noteProductChanges,
  type ProductChange,
  productChanges,
  productChangesChannel,
  productChangesOf,
} from './store-changes.ts';
