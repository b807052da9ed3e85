import { Problem } from '@muster/api/errors';
import type { ActionKind } from '@muster/api/lifecycle';
import { notificationSentence } from '@muster/api/notification-sentences';
import { roleNames } from '@muster/api/permissions';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { actorById } from '../access/index.ts';
import { reachableAssets, type TransitionRun } from '../assets/index.ts';
import { contactsOf, insertNotifications, type NewNotification, type Recipient, toAddress, toUser, usersWithRole } from './store.ts';
import { settingsRow } from './store-mail.ts';
import { preferencesOf } from './store-subscriptions.ts';

/** The lifecycle action `notify` as the editor offers it. */
export const notifyAction: ActionKind = {
  key: 'notify',
  label: 'Notify somebody',
  needs: [],
  gives: [],
  takes: [],
  parameters: [
    { key: 'to', label: 'Whom', type: 'choice', required: true, values: ['holder', 'address', ...roleNames] },
    { key: 'address', label: 'E-mail address', type: 'text', required: true, when: { key: 'to', values: ['address'] } },
    { key: 'message', label: 'Message', type: 'text', required: false },
  ],
};

/**
 * Tells whoever holds the assets (after a move that assigns them, the new holder; otherwise who had them before it), everybody with a role
 * whose scope reaches the asset, or an address. In the app at once, by mail as soon as the server takes it. Nobody to tell is no error.
 * @throws Problem conflict when the lifecycle names nobody
 */
export async function notifyOfMove(tx: Tx, run: TransitionRun): Promise<void> {
  const { assets, transition, parameters, actor, now } = run;
  const mails = (await settingsRow(tx)) !== undefined;
  const recipients = await recipientsOf(tx, run);
  const preferences = await preferencesOf(tx, [...new Set([...recipients.values()].flat().flatMap((r) => r.userId ?? []))]);
  const rows = assets.flatMap((asset): NewNotification[] => {
    const label = String(asset.name ?? asset.tag ?? asset.serial ?? asset.id);
    const facts = { label, transition: transition.label, message: parameters['message'] ?? null, by: actor.label };
    return (recipients.get(asset.id) ?? []).map((recipient) => ({
      id: newId(now.getTime()),
      recipient,
      kind: 'lifecycle',
      subjectType: 'assets',
      subjectId: asset.id,
      rowId: asset.id,
      occasion: `${transition.key} ${newId(now.getTime())}`,
      text: notificationSentence('lifecycle', facts, 'en'),
      facts,
      inApp: true,
      mailAt: mails && !(recipient.userId && preferences.get(recipient.userId)?.mailPaused) ? now : null,
    }));
  });
  await insertNotifications(tx, rows, now);
}

/** By asset whom to tell. */
async function recipientsOf(tx: Tx, { assets, parameters, inputs, now }: TransitionRun): Promise<Map<string, Recipient[]>> {
  const to = parameters['to'] ?? '';
  const ids = assets.map((a) => a.id);
  if (to === 'holder') {
    const holderOf = (a: (typeof assets)[number]): string => String(inputs.person ?? a.person_id ?? '');
    const contacts = await contactsOf(tx, [...new Set(assets.map(holderOf).filter((p) => p !== ''))]);
    return new Map(assets.map((a) => [a.id, [contacts.get(holderOf(a)) ?? []].flat()]));
  }
  if (to === 'address') {
    const address = parameters['address'] ?? '';
    if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw new Problem('conflict', 'The lifecycle names no e-mail address to notify.');
    return new Map(ids.map((id) => [id, [toAddress(address)]]));
  }
  if (!(roleNames as readonly string[]).includes(to)) throw new Problem('conflict', 'The lifecycle does not say whom to notify.');
  const found = new Map<string, Recipient[]>();
  for (const userId of await usersWithRole(tx, to)) {
    const user = await actorById(tx, 'user', userId, now);
    // The role may hold in one place only: no other role of the user counts.
    const reached = user
      ? await reachableAssets(tx, ids, { ...user, grants: user.grants.filter((g) => g.role === to) }, 'assets:read')
      : new Set<string>();
    for (const id of reached) found.set(id, [...(found.get(id) ?? []), toUser(userId)]);
  }
  return found;
}
