import { z } from 'zod';
import { defineRoute } from './route.ts';

const tag = 'Operations';

export const settingsSchema = z.object({
  organisation: z.string().trim().min(1, 'the organisation’s name').max(200),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'),
});
export type Settings = z.infer<typeof settingsSchema>;
export const defaultSettings: Settings = { organisation: 'My organisation', currency: 'EUR' };

export const getSettings = defineRoute({
  method: 'GET',
  path: '/api/v1/settings',
  summary: 'The settings',
  tag,
  access: 'self',
  response: settingsSchema,
});
export const updateSettings = defineRoute({
  method: 'PATCH',
  path: '/api/v1/settings',
  summary: 'Change settings',
  tag,
  access: 'settings:write',
  body: settingsSchema.partial(),
  response: settingsSchema,
});

export const systemInfoSchema = z.object({
  version: z.string(),
  node: z.string(),
  postgresql: z.string(),
  embeddedDatabase: z.boolean(),
  uptimeSeconds: z.number().int(),
  baseUrl: z.string(),
  databaseBytes: z.number(),
});
export const getSystemInfo = defineRoute({
  method: 'GET',
  path: '/api/v1/system',
  summary: 'Version and state of this installation',
  tag,
  access: 'settings:read',
  response: systemInfoSchema,
});
