import { Button, Group, Modal, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import type { AssetRecord } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import type { OfferedTransition } from '@muster/api/lifecycle-states';
import { personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import { useState, type ReactNode } from 'react';
import { t } from '../../app/messages.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** What was typed for a transition. `plannedFor` set: it is made on that day. */
export interface TypedMove {
  reason: string;
  inputs: Partial<Record<'person' | 'place' | 'date' | 'dueOn' | 'reference', string>>;
  plannedFor: string | null;
}

interface Props {
  asset: AssetRecord;
  chosen: OfferedTransition | null;
  onChange: (key: string) => void;
  onMove: (typed: TypedMove) => void;
  onClose: () => void;
  pending: boolean;
  error: ReactNode;
}

/** Says from where to where, and asks for what the transition needs, before an asset moves in its life. */
export function TransitionDialog(props: Props) {
  const { asset, chosen, onClose } = props;
  return (
    <Modal opened={chosen !== null} onClose={onClose} title={t('asset.changeState')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {/* Another transition asks for other things: its form begins anew. */}
      {chosen && <MoveForm key={chosen.key} {...props} asset={asset} chosen={chosen} />}
    </Modal>
  );
}

function MoveForm({ asset, chosen, onChange, onMove, onClose, pending, error }: Props & { chosen: OfferedTransition }) {
  const [reason, setReason] = useState('');
  const [refs, setRefs] = useState<{ person: Ref | null; place: Ref | null }>({ person: null, place: null });
  const [texts, setTexts] = useState({ date: '', dueOn: '', reference: '' });
  const [later, setLater] = useState(false);
  const [plannedFor, setPlannedFor] = useState('');
  const [tried, setTried] = useState(false);
  const values = { reason: reason.trim(), person: refs.person?.id ?? '', place: refs.place?.id ?? '', ...texts };
  const missing = (key: keyof typeof values): boolean => values[key] === '' && chosen.inputs.some((i) => i.key === key && i.required);
  const shown = (key: keyof typeof values) => ({
    required: chosen.inputs.some((i) => i.key === key && i.required),
    error: tried && missing(key) ? t('lifecycle.required') : undefined,
  });
  const isBlocked = chosen.blocked.length > 0 && !later;
  const submit = (): void => {
    setTried(true);
    if (isBlocked || chosen.inputs.some((i) => missing(i.key)) || (later && plannedFor === '')) return;
    const inputs = Object.fromEntries(
      chosen.inputs.flatMap(({ key }) => (key === 'reason' || values[key] === '' ? [] : [[key, values[key]]])),
    ) as TypedMove['inputs'];
    onMove({ reason: values.reason, inputs, plannedFor: later ? plannedFor : null });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {error}
        <p className="state-change">
          <Standing state={asset.state} substate={asset.substate?.label} /> → <Standing state={chosen.to} substate={substateWord(chosen)} />
        </p>
        <Select
          label={t('lifecycle.transition')}
          data={asset.transitions.map((one) => ({ value: one.key, label: one.label }))}
          value={chosen.key}
          onChange={(value) => value && onChange(value)}
          allowDeselect={false}
        />
        {chosen.blocked.length > 0 && (
          <WarningNotice title={t('lifecycle.blocked')}>
            <ul className="reasons">
              {chosen.blocked.map((b) => (
                <li key={b.code}>{b.reason}</li>
              ))}
            </ul>
          </WarningNotice>
        )}
        {chosen.inputs.map(({ key }) => {
          if (key === 'person' || key === 'place')
            return (
              <RefSelect
                key={key}
                routes={key === 'person' ? personListRoutes : placeListRoutes}
                label={t(`lifecycle.input.${key}`)}
                value={refs[key]}
                onChange={(value) => setRefs({ ...refs, [key]: value })}
                {...shown(key)}
              />
            );
          if (key === 'reason') return null;
          return (
            <TextInput
              key={key}
              type={key === 'reference' ? 'text' : 'date'}
              label={t(`lifecycle.input.${key}`)}
              value={texts[key]}
              onChange={(event) => setTexts({ ...texts, [key]: event.currentTarget.value })}
              {...shown(key)}
            />
          );
        })}
        <Textarea
          label={t('asset.reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={1000}
          {...shown('reason')}
        />
        <Switch label={t('lifecycle.later')} checked={later} onChange={(event) => setLater(event.currentTarget.checked)} />
        {later && (
          <TextInput
            type="date"
            label={t('lifecycle.plannedFor')}
            description={t('lifecycle.plannedHint')}
            required
            error={tried && plannedFor === '' ? t('lifecycle.required') : undefined}
            value={plannedFor}
            onChange={(event) => setPlannedFor(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={pending} disabled={isBlocked}>
            {later ? t('lifecycle.plan') : chosen.label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The key of a sub-state in words; the record names only the one it is in. */
const substateWord = (chosen: OfferedTransition): string | undefined =>
  chosen.toSubstate === null ? undefined : wordOf(chosen.toSubstate);

/** A state with its sub-state in brackets. */
export function Standing({ state, substate }: { state: string; substate?: string | undefined }) {
  return <StateBadge value={state} label={substate ? `${wordOf(state)} · ${substate}` : wordOf(state)} />;
}
