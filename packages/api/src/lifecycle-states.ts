import { z } from 'zod';

/** Where an asset is in its life. It changes only through a transition. */
export const lifecycleStates = [
  'discovered',
  'requested',
  'on_order',
  'in_stock',
  'assigned',
  'in_use',
  'in_maintenance',
  'in_transit',
  'lost',
  'stolen',
  'retired',
  'disposed',
] as const;
export type LifecycleState = (typeof lifecycleStates)[number];
export const lifecycleStateSchema = z.enum(lifecycleStates);

export const lifecycleStateLabels: Record<LifecycleState, string> = {
  discovered: 'Discovered',
  requested: 'Requested',
  on_order: 'On order',
  in_stock: 'In stock',
  assigned: 'Assigned',
  in_use: 'In use',
  in_maintenance: 'In maintenance',
  in_transit: 'In transit',
  lost: 'Lost',
  stolen: 'Stolen',
  retired: 'Retired',
  disposed: 'Disposed',
};

/** States an asset may begin in: one is discovered by a source, the others are chosen when it is entered by hand. */
export const entryStates = ['discovered', 'requested', 'on_order', 'in_stock', 'assigned', 'in_use'] as const;

/** What a transition may ask of whoever makes it. `reference` is a number elsewhere: a ticket, a return, a police report. */
export const transitionInputs = ['reason', 'person', 'place', 'date', 'dueOn', 'reference'] as const;
export type TransitionInput = (typeof transitionInputs)[number];

export const transitionInputLabels: Record<TransitionInput, string> = {
  reason: 'Reason',
  person: 'Person',
  place: 'Place',
  date: 'Date',
  dueOn: 'Due on',
  reference: 'Reference',
};

/** One transition as a record offers it to whoever reads the record. */
export const offeredTransitionSchema = z.object({
  key: z.string(),
  to: lifecycleStateSchema,
  toSubstate: z.string().nullable(),
  label: z.string(),
  inputs: z.array(z.object({ key: z.enum(transitionInputs), required: z.boolean() })),
  /** Why it cannot be made now; empty when it can. */
  blocked: z.array(z.object({ code: z.string(), reason: z.string() })),
});
export type OfferedTransition = z.infer<typeof offeredTransitionSchema>;
