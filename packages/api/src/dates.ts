import { z } from 'zod';

/** A calendar day, `YYYY-MM-DD`: contracts, warranties, terms. */
export const dateSchema = z.iso.date();
/** A moment, ISO 8601 in UTC: events, reports. */
export const instantSchema = z.iso.datetime({ offset: true });
/** A time in the past that a list or record is asked for: a day means its end in UTC. */
export const asOfSchema = z.union([dateSchema, instantSchema]).meta({
  description: 'As it was then: a day (`2026-03-31`, meaning its end in UTC) or an instant. Only for what keeps its past.',
});
export type PlainDateText = string;
export type InstantText = string;
