import {
  addRole,
  changeOwnPassword,
  completeSetup,
  createEnrolmentKey,
  createToken,
  createUser,
  enrolmentKeyListRoutes,
  getSession,
  getSetup,
  getUser,
  listMySessions,
  listRoles,
  removeRole,
  revokeEnrolmentKey as revokeEnrolmentKeyRoute,
  revokeMySession,
  revokeToken as revokeTokenRoute,
  signIn,
  signOut,
  tokenListRoutes,
  updateUser,
  userListRoutes,
} from '@muster/api/access';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { setUp, setupNeeded } from './bootstrap.ts';
import { addEnrolmentKey, revokeEnrolmentKey } from './enrolment-keys.ts';
import { changePassword, currentSession, mySessions, revokeSession, signInUser, signOutSession } from './sessions.ts';
import { enrolmentKeyListing, tokenListing, userListing } from './store-listings.ts';
import { addToken, revokeToken } from './tokens.ts';
import { addUser, changeUser, giveRole, presentRoles, readUser, takeRole } from './users.ts';

export const accessRoutes: HandledRoute[] = everywhere([
  handle(getSession, ({ platform, request }) => currentSession(platform, request)),
  handle(signIn, ({ platform, actor, request, reply, body }) => signInUser(platform, actor, request, reply, body)),
  handle(signOut, async ({ platform, actor, request, reply }) => {
    await signOutSession(platform, actor, request, reply);
    return undefined;
  }),
  handle(getSetup, async ({ platform }) => ({ needed: await setupNeeded(platform) })),
  handle(completeSetup, ({ platform, actor, request, reply, body }) => setUp(platform, actor, request, reply, body)),
  handle(changeOwnPassword, async ({ platform, actor, request, reply, body }) => {
    await changePassword(platform, actor, request, reply, body);
    return undefined;
  }),
  handle(listMySessions, async ({ platform, actor, request }) => ({
    items: await mySessions(platform, actor, request.authenticated?.sessionId),
  })),
  handle(revokeMySession, async ({ platform, actor, params }) => {
    await revokeSession(platform, actor, params.id);
    return undefined;
  }),
  ...listRoutes(userListing, userListRoutes),
  handle(getUser, async ({ db, params, etag }) => {
    const user = await readUser(db, params.id);
    etag(user.version);
    return user;
  }),
  handle(createUser, async ({ platform, actor, body, etag }) => {
    const user = await addUser(platform, actor, body);
    etag(user.version);
    return user;
  }),
  handle(updateUser, async ({ platform, actor, params, version, body, etag }) => {
    const user = await changeUser(platform, actor, params.id, version, body);
    etag(user.version);
    return user;
  }),
  handle(addRole, async ({ platform, actor, params, body, etag }) => {
    const user = await giveRole(platform, actor, params.id, body);
    etag(user.version);
    return user;
  }),
  handle(removeRole, async ({ platform, actor, params }) => {
    await takeRole(platform, actor, params.id, params.assignmentId);
    return undefined;
  }),
  handle(listRoles, async () => ({ items: presentRoles() })),
  ...listRoutes(tokenListing, tokenListRoutes),
  handle(createToken, ({ platform, actor, body }) => addToken(platform, actor, body)),
  handle(revokeTokenRoute, ({ platform, actor, params }) => revokeToken(platform, actor, params.id)),
  ...listRoutes(enrolmentKeyListing, enrolmentKeyListRoutes),
  handle(createEnrolmentKey, ({ platform, actor, body }) => addEnrolmentKey(platform, actor, body)),
  handle(revokeEnrolmentKeyRoute, ({ platform, actor, params }) => revokeEnrolmentKey(platform, actor, params.id)),
]);
