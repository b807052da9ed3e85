export { readSettings, version } from './settings.ts';
