import type { Permission } from '@muster/api/permissions';
import type { ComponentType } from 'react';
import type { MessageKey } from '../../app/messages.ts';

/** Something that can be done with a set of scanned assets. `Dialog` is shown when it is chosen, and closes itself. */
export interface ScanAction {
  key: string;
  label: MessageKey;
  permission: Permission;
  Dialog: ComponentType<{ assetIds: string[]; onClose: () => void }>;
}

const actions: ScanAction[] = [];

/** Other modules offer what they can do with a set here, for example check-out. */
export function registerScanAction(action: ScanAction): void {
  if (!actions.some((one) => one.key === action.key)) actions.push(action);
}
export const scanActions = (): readonly ScanAction[] => actions;
