export { actorById } from './acting-as.ts';
export { createAuthenticate } from './authenticate.ts';
export { bootstrapAccess, type FirstStart } from './bootstrap.ts';
export { addEnrolmentKey, findEnrolmentKey, type UsableKey } from './enrolment-keys.ts';
export { withSystemToken } from './tokens.ts';
export { addUser } from './users.ts';
