export { findView, type ViewRow } from './store.ts';
