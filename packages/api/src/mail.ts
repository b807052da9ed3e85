import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const tag = 'Mail';

/** `none`: plain text; `starttls`: begins plain and must become TLS before anything is told; `tls`: TLS from the first byte. */
export const mailSecurities = ['starttls', 'tls', 'none'] as const;
const address = z.string().trim().max(254).pipe(z.email('an e-mail address such as assets@example.org'));
const settings = {
  host: z.string().trim().min(1, 'the name of the mail server').max(253),
  port: z.number().int().min(1).max(65_535),
  security: z.enum(mailSecurities),
  userName: z.string().trim().max(254).nullable(),
  fromAddress: address,
  fromName: z.string().trim().min(1).max(120),
  /** Whether who holds something is reminded of the day it is due, without a subscription of theirs. */
  remindHolders: z.boolean(),
  remindDays: z.number().int().min(0).max(60).meta({ description: 'So many days before it is due, and again when it is overdue.' }),
};
export const mailSettingsSchema = z.object({
  ...settings,
  // Empty until they are set.
  host: z.string(),
  fromAddress: z.string(),
  hasPassword: z.boolean(),
  /** Nothing is sent until there are settings. */
  configured: z.boolean(),
});
export type MailSettings = z.infer<typeof mailSettingsSchema>;
export const getMailSettings = defineRoute({
  method: 'GET',
  path: '/api/v1/mail-settings',
  tag,
  access: 'settings:read',
  summary: 'How mail is sent',
  response: mailSettingsSchema,
});
export const mailSettingsBody = z.strictObject({
  ...settings,
  password: z
    .string()
    .max(1024)
    .nullable()
    .optional()
    .meta({ description: 'Absent: the stored one stays; null: none. It is never answered.' }),
});
export type MailSettingsBody = z.infer<typeof mailSettingsBody>;
export const putMailSettings = defineRoute({
  method: 'PUT',
  path: '/api/v1/mail-settings',
  tag,
  access: 'settings:write',
  summary: 'Say how mail is sent',
  body: mailSettingsBody,
  response: mailSettingsSchema,
  errors: ['validation_failed'],
});
export const sendTestMail = defineRoute({
  method: 'POST',
  path: '/api/v1/mail-settings/test',
  tag,
  access: 'settings:write',
  summary: 'Send a test mail with the stored settings',
  description: 'Answers what the mail server said, also when it refused.',
  body: z.strictObject({ to: address }),
  response: z.object({
    sent: z.boolean(),
    answer: z.string().meta({ description: 'The server’s own words, or what went wrong on the way.' }),
  }),
  errors: ['validation_failed', 'conflict'],
});

export const mailStates = ['queued', 'sent', 'failed'] as const;
export const mailResource = defineResource({
  name: 'mails',
  label: 'Mail',
  plural: 'Mails',
  titleField: 'subject',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    subject: { type: 'text', label: 'Subject', notNull: true, filterable: true },
    address: { type: 'text', label: 'To', notNull: true, sortable: true, filterable: true },
    state: { type: 'enum', label: 'State', values: mailStates, notNull: true, sortable: true, filterable: true, facet: true },
    attempts: { type: 'integer', label: 'Tries', notNull: true, filterable: true },
    answer: { type: 'text', label: 'Answer', about: 'What the mail server said last, or why it was not reached.', filterable: true },
    nextAt: { type: 'instant', label: 'Next try', filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
    sentAt: { type: 'instant', label: 'Sent', sortable: true, filterable: true },
  },
});
export const mailListRoutes = listRoutesOf(mailResource, '/api/v1/mails', 'settings:read');
export const retryMail = defineRoute({
  method: 'POST',
  path: '/api/v1/mails/:id/retry',
  tag,
  access: 'settings:write',
  summary: 'Try a failed mail again',
  params: z.object({ id: idSchema }),
  response: z.object({ nextAt: instantSchema }),
  errors: ['not_found', 'conflict'],
});
