import { z } from 'zod';

/** A sum of money on the wire: an exact decimal as text, so no client rounds it, and an ISO 4217 code. */
export const moneySchema = z.object({
  amount: z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'a decimal number such as 1234.50'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'),
});
export type Money = z.infer<typeof moneySchema>;
