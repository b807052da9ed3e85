import type { ConnectorKindKey } from '@muster/api/connector-kinds';
import type { OpenConnector } from './connector.ts';
import { openIntune } from './vendors/intune.ts';
import { openJamf } from './vendors/jamf.ts';
import { openLdap } from './vendors/ldap.ts';

/** How a session with each kind of system is opened. */
export const openers: Readonly<Record<ConnectorKindKey, OpenConnector>> = {
  intune: openIntune,
  ldap: openLdap,
  jamf: openJamf,
};
