import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { assetConditions, assetListRoutes, lifecycleStates, type AssetCondition, type LifecycleState } from '@muster/api/assets';
import { checkIn, checkOut, extendCustody, handOver, holderKinds, placeAssets, setCondition, type HolderKind } from '@muster/api/custody';
import type { Ref } from '@muster/api/fields';
import { personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import type { ListRoutes } from '@muster/api/resource';
import { teamListRoutes } from '@muster/api/teams';
import { useState, type ReactNode } from 'react';
import { call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { CustodyDialog, type ChosenAsset } from './CustodyDialog.tsx';

interface Props {
  assets: ChosenAsset[];
  onClose: () => void;
}

const routesOf: Record<HolderKind, ListRoutes> = {
  person: personListRoutes,
  team: teamListRoutes,
  place: placeListRoutes,
  asset: assetListRoutes,
};

/** What is asked in every dialog: condition, note, and when it happened. Empty values are left out of the call. */
function useDetails({ withCondition = true }: { withCondition?: boolean } = {}) {
  const [condition, setGiven] = useState<AssetCondition | null>(null);
  const [note, setNote] = useState('');
  const [at, setAt] = useState('');
  const values = {
    ...(condition ? { condition } : {}),
    ...(note.trim() ? { note: note.trim() } : {}),
    ...(at ? { at: new Date(at).toISOString() } : {}),
  };
  const inputs: ReactNode = (
    <>
      {withCondition && (
        <Select
          label={t('custody.condition')}
          placeholder={t('custody.sameCondition')}
          data={assetConditions.map((value) => ({ value, label: wordOf(value) }))}
          value={condition}
          onChange={(value) => setGiven(value)}
          clearable
        />
      )}
      <TextInput
        type="datetime-local"
        label={t('custody.at')}
        description={t('custody.atHint')}
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
      />
      <NoteInput value={note} onChange={setNote} />
    </>
  );
  return { values, inputs };
}

function NoteInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Textarea
      label={t('custody.note')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxLength={1000}
    />
  );
}

function DueInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      type="date"
      label={t('custody.due')}
      description={t('custody.dueHint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Checks assets out to a holder, or with `over` hands them from whoever has them to another. `to` is who it is when that is settled. */
export function CheckOutForm({ assets, onClose, over = false, to, above }: Props & { over?: boolean; to?: Ref; above?: ReactNode }) {
  const [kind, setKind] = useState<HolderKind>('person');
  const [chosen, setChosen] = useState<Ref | null>(to ?? null);
  const [due, setDue] = useState('');
  const [despite, setDespite] = useState(false);
  const details = useDetails();
  const { can } = useSession();
  const body = {
    assets: assets.map((a) => a.id),
    holder: { kind, id: chosen?.id ?? '' },
    dueOn: due || null,
    ...(despite ? { despiteReservation: true } : {}),
    ...details.values,
  };
  return (
    <CustodyDialog
      title={over ? t('custody.handOver') : t('custody.checkOut')}
      assets={assets}
      values={body}
      ready={chosen !== null}
      run={async (how) => (await call(over ? handOver : checkOut, { body: { ...body, ...how } })).data}
      done={(count) => (over ? tn('custody.handedOver', count) : tn('custody.checkedOut', count))}
      onClose={onClose}
    >
      {above}
      {!to && (
        <>
          <Select
            label={t('custody.holderKind')}
            data={holderKinds.map((value) => ({ value, label: t(`custody.holder.${value}`) }))}
            value={kind}
            onChange={(value) => {
              setKind(value as HolderKind);
              setChosen(null);
            }}
            allowDeselect={false}
          />
          <RefSelect key={kind} routes={routesOf[kind]} label={t(`custody.holder.${kind}`)} value={chosen} onChange={setChosen} required />
        </>
      )}
      <DueInput value={due} onChange={setDue} />
      {details.inputs}
      {can('reservations:override') && (
        <Checkbox label={t('reserve.despite')} checked={despite} onChange={(event) => setDespite(event.currentTarget.checked)} />
      )}
    </CustodyDialog>
  );
}

/** Takes assets back from whoever has them. */
export function CheckInForm({ assets, onClose }: Props) {
  const [place, setPlace] = useState<Ref | null>(null);
  const [state, setState] = useState<LifecycleState | null>(null);
  const details = useDetails();
  const body = { assets: assets.map((a) => a.id), ...(place ? { place: place.id } : {}), ...(state ? { state } : {}), ...details.values };
  return (
    <CustodyDialog
      title={t('custody.checkIn')}
      assets={assets}
      values={body}
      ready
      run={async (how) => (await call(checkIn, { body: { ...body, ...how } })).data}
      done={(count) => tn('custody.checkedIn', count)}
      onClose={onClose}
    >
      <RefSelect
        routes={placeListRoutes}
        label={t('custody.place')}
        description={t('custody.placeHint')}
        value={place}
        onChange={setPlace}
      />
      <Select
        label={t('custody.state')}
        description={t('custody.stateHint')}
        data={lifecycleStates.map((value) => ({ value, label: wordOf(value) }))}
        value={state}
        onChange={(value) => setState(value)}
        clearable
      />
      {details.inputs}
    </CustodyDialog>
  );
}

/** Changes the day assets are due. */
export function ExtendForm({ assets, dueOn, onClose }: Props & { dueOn: string | null }) {
  const [due, setDue] = useState(dueOn ?? '');
  const [note, setNote] = useState('');
  const body = { assets: assets.map((a) => a.id), dueOn: due || null, ...(note.trim() ? { note: note.trim() } : {}) };
  return (
    <CustodyDialog
      title={t('custody.extend')}
      assets={assets}
      values={body}
      ready
      run={async (how) => (await call(extendCustody, { body: { ...body, ...how } })).data}
      done={(count) => tn('custody.extended', count)}
      onClose={onClose}
    >
      <DueInput value={due} onChange={setDue} />
      <NoteInput value={note} onChange={setNote} />
    </CustodyDialog>
  );
}

/** Says where assets are from now on, whoever has them. */
export function PlaceForm({ assets, onClose }: Props) {
  const [place, setPlace] = useState<Ref | null>(null);
  const details = useDetails({ withCondition: false });
  const body = { assets: assets.map((a) => a.id), place: place?.id ?? '', ...details.values };
  return (
    <CustodyDialog
      title={t('custody.changePlace')}
      assets={assets}
      values={body}
      ready={place !== null}
      run={async (how) => (await call(placeAssets, { body: { ...body, ...how } })).data}
      done={(count) => tn('custody.placed', count)}
      onClose={onClose}
    >
      <RefSelect routes={placeListRoutes} label={t('custody.newPlace')} value={place} onChange={setPlace} required />
      {details.inputs}
    </CustodyDialog>
  );
}

/** Says in which condition assets are from now on. */
export function ConditionForm({ assets, onClose }: Props) {
  const [condition, setChosen] = useState<AssetCondition | null>(null);
  const details = useDetails({ withCondition: false });
  const ids = assets.map((a) => a.id);
  return (
    <CustodyDialog
      title={t('custody.setCondition')}
      assets={assets}
      values={{ condition, ...details.values }}
      ready={condition !== null}
      run={async (how) => {
        if (condition === null) throw new Error('A condition is chosen before anything is sent');
        return (await call(setCondition, { body: { assets: ids, condition, ...details.values, ...how } })).data;
      }}
      done={(count) => tn('custody.conditionSet', count)}
      onClose={onClose}
    >
      <Select
        label={t('custody.condition')}
        data={assetConditions.map((value) => ({ value, label: wordOf(value) }))}
        value={condition}
        onChange={(value) => setChosen(value)}
        allowDeselect={false}
        required
      />
      {details.inputs}
    </CustodyDialog>
  );
}
