// Codes of assets. What merging and undoing it do to them is called by whoever merges.
export { carryCodes, returnCodes } from './store-merge.ts';
