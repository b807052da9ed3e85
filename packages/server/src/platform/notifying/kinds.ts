import type { NotificationKindKey } from '@muster/api/notifications';
import type { Permission } from '@muster/api/permissions';
import type { Listing, Sql } from '../listing/index.ts';

/** When the look is taken. `since` is when the subscription began, `lead` its days before. */
export interface Look {
  readonly today: string;
  readonly lead: number;
  readonly since: Date;
}

/** One kind of notification, brought by the module whose rows it is about. Its SQL is written over the listing's own tables and joins. */
export interface NotificationKind {
  readonly key: NotificationKindKey;
  /** The list its subjects are rows of: role scopes and saved views of that list apply. */
  readonly listing: Listing;
  readonly permission: Permission;
  /** Usual days before; null when it knows no lead time. */
  readonly leadDays: number | null;
  /** The condition that a row is to be told of now. */
  readonly due: (look: Look) => Sql;
  /** Text: one row is told of once per occasion, for example per date that it is due on. */
  readonly occasion: (look: Look) => Sql;
  /** jsonb: what the sentence is made of. `label` names the subject. */
  readonly facts: Sql;
  /** What the notification leads to, when that is not the row itself. */
  readonly subject?: { readonly type: string; readonly id: Sql };
  /** Who holds the thing: reminded without a subscription when the organisation wants that. */
  readonly holder?: Sql;
}

const kinds = new Map<NotificationKindKey, NotificationKind>();

/** Makes a kind known; modules call it when they start. Registering a key again replaces it. */
export function registerNotificationKind(kind: NotificationKind): void {
  kinds.set(kind.key, kind);
}

export const notificationKind = (key: string): NotificationKind | undefined => kinds.get(key as NotificationKindKey);
export const allNotificationKinds = (): NotificationKind[] => [...kinds.values()];
