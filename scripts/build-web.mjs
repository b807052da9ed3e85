// `npm run build`: the web UI, unless the one there was built from these sources.
import { buildWebIfStale, findNode } from './runtime.mjs';

buildWebIfStale(findNode());
