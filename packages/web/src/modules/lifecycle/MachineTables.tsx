import { Button, Group, Select, Switch, TextInput } from '@mantine/core';
import type { LifecycleInForce, LifecycleMachine, Substate, Transition } from '@muster/api/lifecycle';
import { type LifecycleState, lifecycleStates } from '@muster/api/lifecycle-states';
import { useState } from 'react';
import { fieldLabel, t } from '../../app/messages.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { actionWord, conditionsOf } from './machine-words.ts';
import { keyFrom, standingWord } from './standing-word.ts';

interface Editing {
  machine: LifecycleMachine;
  mayChange: boolean;
  onChange: (machine: LifecycleMachine) => void;
}

/** The same as the drawing in rows: every transition with where it leads, for whom and on which conditions. */
export function TransitionTable({
  machine,
  actions,
  onChoose,
}: {
  machine: LifecycleMachine;
  actions: LifecycleInForce['actions'];
  onChoose: (key: string) => void;
}) {
  const open = (one: Transition) => (
    <Button variant="subtle" size="compact-xs" aria-label={t('lifecycle.edit', { label: one.label })} onClick={() => onChoose(one.key)}>
      {t('action.edit')}
    </Button>
  );
  return (
    <SimpleTable
      title={t('lifecycle.transitions')}
      rows={machine.transitions}
      columns={[
        [t('lifecycle.label'), (one) => <span className={one.retired ? 'dimmed' : undefined}>{one.label}</span>],
        [t('lifecycle.from'), (one) => one.from.map((f) => standingWord(machine, f)).join(', ')],
        [t('lifecycle.to'), (one) => standingWord(machine, one.to)],
        [
          t('lifecycle.roles'),
          (one) => (one.roles.length > 0 ? one.roles.map(wordOf).join(', ') : <span className="dimmed">{t('lifecycle.anyone')}</span>),
        ],
        [t('lifecycle.conditionsOf'), (one) => conditionsOf(machine, one).join('; ')],
        [
          t('lifecycle.actions'),
          (one) => one.actions.map((a) => actionWord(actions.find((k) => k.key === a.key) ?? { key: a.key, label: a.key })).join(', '),
        ],
        [t('authority.actions'), open],
      ]}
    />
  );
}

/** On a phone: one transition after the other. */
export function TransitionList({
  machine,
  only,
  onChoose,
}: {
  machine: LifecycleMachine;
  only?: readonly Transition[];
  onChoose: (key: string) => void;
}) {
  return (
    <ul className="plain lifecycle-list">
      {(only ?? machine.transitions).map((one) => (
        <li key={one.key}>
          <button type="button" className="lifecycle-entry" onClick={() => onChoose(one.key)}>
            <strong>{one.label}</strong> {one.retired && <span className="dimmed">({t('lifecycle.retired')})</span>}
            <br />
            <span className="dimmed">
              {one.from.map((f) => standingWord(machine, f)).join(', ')} → {standingWord(machine, one.to)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The sub-states of all states: their labels, whether something may still enter them, and new ones. */
export function Substates({ machine, mayChange, onChange }: Editing) {
  const put = (at: number, change: Partial<Substate>): void =>
    onChange({ ...machine, substates: machine.substates.map((s, i) => (i === at ? { ...s, ...change } : s)) });
  const rows = machine.substates.map((s, at) => ({ ...s, at }));
  return (
    <>
      <SimpleTable
        title={t('lifecycle.substates')}
        rows={rows}
        columns={[
          [t('lifecycle.state'), (s) => wordOf(s.state)],
          [
            t('lifecycle.substate'),
            (s) =>
              mayChange ? (
                <TextInput
                  size="xs"
                  aria-label={t('lifecycle.substateLabel', { key: s.key })}
                  value={s.label}
                  maxLength={80}
                  onChange={(event) => put(s.at, { label: event.currentTarget.value })}
                />
              ) : (
                s.label
              ),
          ],
          [t('lifecycle.key'), (s) => <span className="mono">{s.key}</span>],
          [
            t('lifecycle.retired'),
            (s) => (
              <Switch
                aria-label={t('lifecycle.retireSubstate', { label: s.label })}
                checked={s.retired}
                disabled={!mayChange}
                onChange={(event) => put(s.at, { retired: event.currentTarget.checked })}
              />
            ),
          ],
          [
            t('authority.actions'),
            (s) =>
              mayChange && (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-label={t('lifecycle.removeSubstate', { label: s.label })}
                  onClick={() => onChange({ ...machine, substates: machine.substates.filter((_, i) => i !== s.at) })}
                >
                  {t('lifecycle.remove')}
                </Button>
              ),
          ],
        ]}
      />
      {mayChange && <NewSubstate machine={machine} onChange={onChange} />}
    </>
  );
}

function NewSubstate({ machine, onChange }: Omit<Editing, 'mayChange'>) {
  const [state, setState] = useState<LifecycleState>('in_stock');
  const [label, setLabel] = useState('');
  return (
    <Section title={t('lifecycle.addSubstate')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (label.trim() === '') return;
          const key = keyFrom(
            label,
            machine.substates.filter((s) => s.state === state).map((s) => s.key),
          );
          onChange({ ...machine, substates: [...machine.substates, { state, key, label: label.trim(), retired: false }] });
          setLabel('');
        }}
      >
        <Group align="end" gap="xs">
          <Select
            label={t('lifecycle.state')}
            allowDeselect={false}
            value={state}
            data={lifecycleStates.map((value) => ({ value, label: wordOf(value) }))}
            onChange={(value) => setState(lifecycleStates.find((s) => s === value) ?? state)}
          />
          <TextInput
            label={fieldLabel('Sub-state')}
            value={label}
            maxLength={80}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <Button type="submit" variant="default">
            {t('lifecycle.addSubstate')}
          </Button>
        </Group>
      </form>
    </Section>
  );
}
