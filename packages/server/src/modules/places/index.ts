export { placeReferences } from './import.ts';
export { createPlace, readPlace } from './places.ts';
export { placesByName } from './store.ts';
