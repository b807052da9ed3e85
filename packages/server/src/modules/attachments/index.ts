// Files, notes and keywords of assets. What merging and undoing it do to them is called by whoever merges.
export { absorbAttached, returnAttached } from './store-merge.ts';
