import { Problem } from '@muster/api/errors';

/** A file that is not taken, with the reason for whoever sent it. */
export const refused = (reason: string): Problem => new Problem('refused_content', reason);
