export { personImportable } from './import.ts';
export { orgUnitReferences, personReferences } from './import-references.ts';
export { type DirectoryPerson, upsertDirectoryPeople } from './directory.ts';
export { ensurePeople, findByLogin, type ReportedPerson } from './ensure-people.ts';
export { createOrgUnit } from './org-units.ts';
export { createPerson, readPerson, updatePerson } from './people.ts';
export { orgUnitsByName } from './store-org-units.ts';
export { createTeam } from './teams.ts';
