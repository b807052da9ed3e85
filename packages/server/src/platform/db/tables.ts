/**
 * Every table's row type, gathered by declaration merging: each module's tables.ts adds its own with
 * `declare module '../../platform/db/tables.ts' { interface Tables { people: PeopleTable } }`.
 */
// oxlint-disable-next-line typescript/no-empty-object-type
export interface Tables {}
