import { NumberInput, Select, Text, Textarea, TextInput } from '@mantine/core';
import { assetListRoutes } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import { personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import type { ListRoutes } from '@muster/api/resource';
import {
  countStock,
  issueStock,
  receiveStock,
  returnStock,
  setStockMinimum,
  transferStock,
  writeOffStock,
  type StockItem,
} from '@muster/api/stock';
import { teamListRoutes } from '@muster/api/teams';
import { useState, type ReactNode } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { number } from '../../ui/formatting.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { wordOf } from '../../ui/value-words.ts';

interface Props {
  item: StockItem;
  /** Where most of it is: what a dialog begins with. */
  place: Ref | null;
  onClose: () => void;
}

/** The frame of every dialog that moves stock; what was typed stays when the server refuses it. */
function StockDialog({
  title,
  ready,
  run,
  onClose,
  children,
}: {
  title: string;
  ready: boolean;
  run: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}) {
  const change = useChange(run, { message: t('stock.done'), onDone: onClose });
  return (
    <FormDialog
      title={title}
      button={title}
      ready={ready}
      pending={change.isPending}
      problem={change.error}
      onSubmit={() => change.mutate(undefined)}
      onClose={onClose}
    >
      {children}
    </FormDialog>
  );
}

function PlaceInput({ label, value, onChange }: { label: string; value: Ref | null; onChange: (value: Ref | null) => void }) {
  return <RefSelect routes={placeListRoutes} label={label} value={value} onChange={onChange} required />;
}

function FigureInput(props: {
  label: string;
  value: number | string;
  onChange: (value: number | string) => void;
  min?: number;
  description?: string;
}) {
  const { min = 1, ...rest } = props;
  return <NumberInput {...rest} min={min} max={1_000_000} allowDecimal={false} allowNegative={false} />;
}

function NoteInput({
  value,
  onChange,
  label = t('stock.note'),
  required = false,
}: {
  value: string;
  onChange: (value: string) => void;
  label?: string;
  required?: boolean;
}) {
  return (
    <Textarea
      label={label}
      required={required}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxLength={1000}
    />
  );
}

const noteOf = (text: string): string | null => text.trim() || null;

export function ReceiveDialog({ item, place: first, onClose }: Props) {
  const [place, setPlace] = useState(first);
  const [quantity, setQuantity] = useState<number | string>(1);
  const [note, setNote] = useState('');
  return (
    <StockDialog
      title={t('stock.receive')}
      ready={place !== null && quantity !== ''}
      run={async () =>
        call(receiveStock, { params: { id: item.id }, body: { placeId: place?.id ?? '', quantity: Number(quantity), note: noteOf(note) } })
      }
      onClose={onClose}
    >
      <PlaceInput label={t('stock.place')} value={place} onChange={setPlace} />
      <FigureInput label={t('stock.quantity')} value={quantity} onChange={setQuantity} />
      <NoteInput value={note} onChange={setNote} />
    </StockDialog>
  );
}

const holderRoutes = { person: personListRoutes, team: teamListRoutes, place: placeListRoutes, asset: assetListRoutes } satisfies Record<
  string,
  ListRoutes
>;
type HolderChoice = keyof typeof holderRoutes | 'none';

/** Checks a two-way item out, or issues a one-way item, to somebody or to nobody in particular. */
export function GiveDialog({ item, place: first, onClose }: Props) {
  const twoWay = item.mode === 'two_way';
  const [place, setPlace] = useState(first);
  const [quantity, setQuantity] = useState<number | string>(1);
  const [kind, setKind] = useState<HolderChoice>('person');
  const [holder, setHolder] = useState<Ref | null>(null);
  const [due, setDue] = useState('');
  const [note, setNote] = useState('');
  const kinds: HolderChoice[] = ['person', 'team', 'place', 'asset', ...(twoWay ? [] : (['none'] as const))];
  const body = {
    placeId: place?.id ?? '',
    quantity: Number(quantity),
    holder: kind === 'none' ? null : { kind, id: holder?.id ?? '' },
    dueOn: due || null,
    note: noteOf(note),
  };
  return (
    <StockDialog
      title={twoWay ? t('stock.checkOut') : t('stock.issue')}
      ready={place !== null && quantity !== '' && (kind === 'none' || holder !== null)}
      run={async () => call(issueStock, { params: { id: item.id }, body })}
      onClose={onClose}
    >
      <Select
        label={t('stock.holderKind')}
        data={kinds.map((value) => ({ value, label: t(`stock.holder.${value}`) }))}
        value={kind}
        onChange={(value) => {
          setKind(value as HolderChoice);
          setHolder(null);
        }}
        allowDeselect={false}
      />
      {kind !== 'none' && (
        <RefSelect key={kind} routes={holderRoutes[kind]} label={t(`stock.holder.${kind}`)} value={holder} onChange={setHolder} required />
      )}
      <PlaceInput label={t('stock.from')} value={place} onChange={setPlace} />
      <FigureInput label={t('stock.quantity')} value={quantity} onChange={setQuantity} />
      {twoWay && (
        <TextInput
          type="date"
          label={t('stock.due')}
          description={t('stock.dueHint')}
          value={due}
          onChange={(event) => setDue(event.currentTarget.value)}
        />
      )}
      <NoteInput value={note} onChange={setNote} />
    </StockDialog>
  );
}

export function TransferDialog({ item, place: first, onClose }: Props) {
  const [from, setFrom] = useState(first);
  const [to, setTo] = useState<Ref | null>(null);
  const [quantity, setQuantity] = useState<number | string>(1);
  const [note, setNote] = useState('');
  const body = { fromPlaceId: from?.id ?? '', toPlaceId: to?.id ?? '', quantity: Number(quantity), note: noteOf(note) };
  return (
    <StockDialog
      title={t('stock.transfer')}
      ready={from !== null && to !== null && quantity !== ''}
      run={async () => call(transferStock, { params: { id: item.id }, body })}
      onClose={onClose}
    >
      <PlaceInput label={t('stock.from')} value={from} onChange={setFrom} />
      <PlaceInput label={t('stock.to')} value={to} onChange={setTo} />
      <FigureInput label={t('stock.quantity')} value={quantity} onChange={setQuantity} />
      <NoteInput value={note} onChange={setNote} />
    </StockDialog>
  );
}

export function CountDialog({ item, place: first, onClose }: Props) {
  const [place, setPlace] = useState(first);
  const [counted, setCounted] = useState<number | string>('');
  const [reason, setReason] = useState('');
  return (
    <StockDialog
      title={t('stock.count')}
      ready={place !== null && counted !== '' && reason.trim() !== ''}
      run={async () =>
        call(countStock, { params: { id: item.id }, body: { placeId: place?.id ?? '', counted: Number(counted), reason: reason.trim() } })
      }
      onClose={onClose}
    >
      <PlaceInput label={t('stock.place')} value={place} onChange={setPlace} />
      <FigureInput label={t('stock.counted')} value={counted} onChange={setCounted} min={0} />
      <NoteInput label={t('stock.reason')} value={reason} onChange={setReason} required />
    </StockDialog>
  );
}

export function WriteOffDialog({ item, place: first, onClose }: Props) {
  const [place, setPlace] = useState(first);
  const [kind, setKind] = useState<'loss' | 'damage'>('damage');
  const [quantity, setQuantity] = useState<number | string>(1);
  const [note, setNote] = useState('');
  const body = { placeId: place?.id ?? '', kind, quantity: Number(quantity), note: noteOf(note) };
  return (
    <StockDialog
      title={t('stock.writeOff')}
      ready={place !== null && quantity !== ''}
      run={async () => call(writeOffStock, { params: { id: item.id }, body })}
      onClose={onClose}
    >
      <PlaceInput label={t('stock.place')} value={place} onChange={setPlace} />
      <Select
        label={t('stock.kind')}
        data={(['damage', 'loss'] as const).map((value) => ({ value, label: wordOf(value) }))}
        value={kind}
        onChange={(value) => setKind(value as 'loss' | 'damage')}
        allowDeselect={false}
      />
      <FigureInput label={t('stock.quantity')} value={quantity} onChange={setQuantity} />
      <NoteInput value={note} onChange={setNote} />
    </StockDialog>
  );
}

export function MinimumDialog({ item, place: first, onClose }: Props) {
  const [place, setPlace] = useState(first);
  const [minimum, setMinimum] = useState<number | string>('');
  const body = { placeId: place?.id ?? '', minimum: minimum === '' ? null : Number(minimum) };
  return (
    <StockDialog
      title={t('stock.setMinimum')}
      ready={place !== null}
      run={async () => call(setStockMinimum, { params: { id: item.id }, body })}
      onClose={onClose}
    >
      <PlaceInput label={t('stock.place')} value={place} onChange={setPlace} />
      <FigureInput
        label={t('stock.placeMinimum')}
        description={t('stock.placeMinimumHint')}
        value={minimum}
        onChange={setMinimum}
        min={0}
      />
    </StockDialog>
  );
}

/** What a holder has of one check-out. */
export interface ReturnableHolding {
  id: string;
  item: string;
  holder: string;
  quantity: number;
}

/** Takes back all or a part, of which some may be lost or damaged. */
export function ReturnDialog({ holding, onClose }: { holding: ReturnableHolding; onClose: () => void }) {
  const [returned, setReturned] = useState<number | string>(holding.quantity);
  const [lost, setLost] = useState<number | string>(0);
  const [damaged, setDamaged] = useState<number | string>(0);
  const [place, setPlace] = useState<Ref | null>(null);
  const [note, setNote] = useState('');
  const body = {
    returned: Number(returned),
    lost: Number(lost),
    damaged: Number(damaged),
    ...(place ? { placeId: place.id } : {}),
    note: noteOf(note),
  };
  return (
    <StockDialog
      title={t('stock.return')}
      ready={body.returned + body.lost + body.damaged > 0}
      run={async () => call(returnStock, { params: { id: holding.id }, body })}
      onClose={onClose}
    >
      <Text size="sm">{t('stock.returnOf', { holder: holding.holder, count: number(holding.quantity), item: holding.item })}</Text>
      <FigureInput label={t('stock.returned')} value={returned} onChange={setReturned} min={0} />
      <FigureInput label={t('stock.lost')} value={lost} onChange={setLost} min={0} />
      <FigureInput label={t('stock.damaged')} value={damaged} onChange={setDamaged} min={0} />
      <RefSelect
        routes={placeListRoutes}
        label={t('stock.putWhere')}
        description={t('stock.putWhereHint')}
        value={place}
        onChange={setPlace}
      />
      <NoteInput value={note} onChange={setNote} />
    </StockDialog>
  );
}
