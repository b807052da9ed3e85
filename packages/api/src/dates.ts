import { z } from 'zod';

/** A calendar day, `YYYY-MM-DD`: contracts, warranties, terms. */
export const dateSchema = z.iso.date();
/** A moment, ISO 8601 in UTC: events, reports. */
export const instantSchema = z.iso.datetime({ offset: true });
export type PlainDateText = string;
export type InstantText = string;
