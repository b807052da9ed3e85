import type { ConnectorKindKey } from '@muster/api/connector-kinds';
import type { OpenConnector } from './connector.ts';
import { openGoogle } from './vendors/google.ts';
import { openIntune } from './vendors/intune.ts';
import { openJamf } from './vendors/jamf.ts';
import { openKandji } from './vendors/kandji.ts';
import { openLansweeper } from './vendors/lansweeper.ts';
import { openLdap } from './vendors/ldap.ts';
import { openProxmox } from './vendors/proxmox.ts';
import { openRest } from './vendors/rest.ts';
import { openSccm } from './vendors/sccm.ts';
import { openVmware } from './vendors/vmware.ts';

/** How a session with each kind of system is opened. */
export const openers: Readonly<Record<ConnectorKindKey, OpenConnector>> = {
  intune: openIntune,
  ldap: openLdap,
  jamf: openJamf,
  rest: openRest,
  proxmox: openProxmox,
  kandji: openKandji,
  google: openGoogle,
  sccm: openSccm,
  lansweeper: openLansweeper,
  vmware: openVmware,
};
