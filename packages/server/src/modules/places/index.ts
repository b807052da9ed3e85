export { createPlace } from './places.ts';
export { placesByName } from './store.ts';
