export { placeReferences } from './import.ts';
export { createPlace } from './places.ts';
export { placesByName } from './store.ts';
