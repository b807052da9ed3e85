import type { ComponentType } from 'react';
import { registerScanAction, type ScanAction } from '../labels/scan-actions.ts';
import { useScanSet, type Scanned } from '../labels/scan-set.ts';
import type { ChosenAsset } from './CustodyDialog.tsx';
import { CheckInForm, CheckOutForm, ConditionForm, PlaceForm } from './CustodyForms.tsx';

type Form = ComponentType<{ assets: ChosenAsset[]; onClose: () => void }>;

const nameOf = (asset: NonNullable<Scanned['asset']>): string => asset.name ?? asset.tag ?? asset.serial ?? asset.id;

/** A form of custody over the set of scanned assets. The set stays: what is refused is seen in it, and more can be done with it. */
const overSet = (Shown: Form): ScanAction['Dialog'] =>
  function OverSet({ assetIds, onClose }) {
    const { items } = useScanSet();
    const names = new Map(items.flatMap((one) => (one.asset ? [[one.asset.id, nameOf(one.asset)] as const] : [])));
    return <Shown assets={assetIds.map((id) => ({ id, label: names.get(id) ?? id }))} onClose={onClose} />;
  };

/** Offers custody's verbs for what was scanned. */
export function offerScanCustody(): void {
  const permission = 'assets:write';
  registerScanAction({ key: 'check-in', label: 'custody.checkIn', permission, Dialog: overSet(CheckInForm) });
  registerScanAction({ key: 'check-out', label: 'custody.checkOut', permission, Dialog: overSet(CheckOutForm) });
  registerScanAction({ key: 'place', label: 'custody.changePlace', permission, Dialog: overSet(PlaceForm) });
  registerScanAction({ key: 'condition', label: 'custody.setCondition', permission, Dialog: overSet(ConditionForm) });
}
