import * as mail from '@muster/api/mail';
import * as api from '@muster/api/notifications';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes, ownListRoutes } from '../../platform/listing/index.ts';
import { findJob } from './find.ts';
import { read, unread } from './inbox.ts';
import { changeMailSettings, readMailSettings, sendAgain, tryMail } from './mail-settings.ts';
import { notificationListing } from './store.ts';
import { mailListing } from './store-mail.ts';
import {
  changePreferences,
  changeSubscription,
  readPreferences,
  readSubscription,
  readSubscriptions,
  subscribe,
  unsubscribeFrom,
} from './subscriptions.ts';
import { readStopped, setStopped } from './unsubscribe.ts';

export const notificationRoutes: HandledRoute[] = [
  handle(api.countUnread, async ({ platform, actor }) => ({ unread: await unread(platform, actor) })),
  ...ownListRoutes(notificationListing, api.notificationListRoutes),
  handle(api.readNotifications, async ({ platform, actor, body }) => ({ unread: await read(platform, actor, body.ids, body.read) })),
  handle(api.listSubscriptions, ({ db, actor }) => readSubscriptions(db, actor)),
  handle(api.createSubscription, async ({ db, platform, actor, body, etag }) => {
    const made = await inTx(db, async (tx) => {
      const id = await subscribe(tx, actor, body, platform.now());
      // What is due already is told now, and not with the next look of the clock.
      await platform.jobs.enqueue(tx, findJob, {}, { title: 'Look for what is due', actor, singletonKey: 'now' });
      return readSubscription(tx, actor, id);
    });
    etag(made.version);
    return made;
  }),
  handle(api.updateSubscription, async ({ db, platform, actor, params, body, version, etag }) => {
    const changed = await inTx(db, async (tx) => {
      await changeSubscription(tx, actor, params.id, version, body, platform.now());
      return readSubscription(tx, actor, params.id);
    });
    etag(changed.version);
    return changed;
  }),
  handle(api.deleteSubscription, ({ db, actor, params }) => inTx(db, (tx) => unsubscribeFrom(tx, actor, params.id)) as Promise<undefined>),
  handle(api.getPreferences, ({ db, actor }) => readPreferences(db, actor)),
  handle(api.putPreferences, async ({ db, actor, body }) => {
    await inTx(db, (tx) => changePreferences(tx, actor, body));
    return readPreferences(db, actor);
  }),
  handle(api.readUnsubscribe, ({ platform, params }) => readStopped(platform, params.token)),
  handle(api.unsubscribe, ({ platform, actor, params, body }) => setStopped(platform, actor, params.token, body.stopped)),
  handle(api.unsubscribeOneClick, ({ platform, actor, params }) => setStopped(platform, actor, params.token, true)),
  ...everywhere([
    handle(mail.getMailSettings, ({ db }) => readMailSettings(db)),
    handle(mail.putMailSettings, ({ platform, actor, body }) => changeMailSettings(platform, actor, body)),
    handle(mail.sendTestMail, ({ platform, actor, body }) => tryMail(platform, actor, body.to)),
    ...listRoutes(mailListing, mail.mailListRoutes),
    handle(mail.retryMail, ({ platform, actor, params }) => sendAgain(platform, actor, params.id)),
  ]),
];
