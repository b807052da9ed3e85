export { createPlace, readPlace } from './places.ts';
export { placesByName } from './store.ts';
