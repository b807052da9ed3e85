import { z } from 'zod';

/** An id of any record: a UUIDv7, so ids sort by the time they were made. */
export const idSchema = z.uuid();
export type Id = z.infer<typeof idSchema>;
