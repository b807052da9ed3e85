import { Checkbox, MultiSelect, Select, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { listAssetClasses } from '@muster/api/asset-classes';
import {
  type Guard,
  type GuardKind,
  type LifecycleInForce,
  type LifecycleMachine,
  requirableFields,
  type Transition,
} from '@muster/api/lifecycle';
import { lifecycleStates, transitionInputs } from '@muster/api/lifecycle-states';
import { roleNames } from '@muster/api/permissions';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { Section } from '../../ui/RecordPage.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { ActionParameters } from './ActionParameters.tsx';
import { actionWord } from './machine-words.ts';
import { standingWord } from './standing-word.ts';

interface Props {
  machine: LifecycleMachine;
  transition: Transition;
  actions: LifecycleInForce['actions'];
  /** What the check found at this transition. */
  mistakes: readonly string[];
  readOnly: boolean;
  onChange: (transition: Transition) => void;
  onRemove: () => void;
}

export const plainGuards = ['has_person', 'no_person', 'has_place', 'no_place', 'has_serial', 'no_open_relations', 'no_children'] as const;

/** Everything a transition is made of, changed in the draft as it is typed. */
export function TransitionEditor(props: Props) {
  const { machine, transition, mistakes, readOnly, onChange, onRemove } = props;
  const standings = lifecycleStates.flatMap((state) => [
    state,
    ...machine.substates.filter((s) => s.state === state).map((s) => `${state}/${s.key}`),
  ]);
  const options = standings.map((value) => ({ value, label: standingWord(machine, value) }));
  const set = (change: Partial<Transition>): void => onChange({ ...transition, ...change });
  return (
    <Section
      title={t('lifecycle.editing', { label: transition.label })}
      actions={
        !readOnly && (
          <ConfirmButton
            label={t('lifecycle.remove')}
            question={t('lifecycle.removeQuestion', { label: transition.label })}
            onConfirm={onRemove}
          />
        )
      }
    >
      <Stack gap="sm" component="fieldset" className="lifecycle-form" {...(readOnly ? { disabled: true } : {})}>
        {mistakes.length > 0 && (
          <ul className="reasons lifecycle-mistakes">
            {mistakes.map((m) => (
              <li key={m}>{m}</li>
            ))}
          </ul>
        )}
        <TextInput
          label={t('lifecycle.label')}
          value={transition.label}
          maxLength={80}
          onChange={(event) => set({ label: event.currentTarget.value })}
        />
        <p className="dimmed">
          {t('lifecycle.key')}: <span className="mono">{transition.key}</span>. {t('lifecycle.keyHint')}
        </p>
        <MultiSelect
          label={t('lifecycle.from')}
          description={t('lifecycle.fromHint')}
          data={options.filter((o) => !o.value.startsWith('disposed'))}
          searchable
          value={transition.from}
          onChange={(from) => set({ from })}
        />
        <Select
          label={t('lifecycle.to')}
          data={options.filter((o) => o.value !== 'discovered')}
          searchable
          allowDeselect={false}
          value={transition.to}
          onChange={(to) => to && set({ to })}
        />
        <MultiSelect
          label={t('lifecycle.roles')}
          description={t('lifecycle.rolesHint')}
          data={roleNames.filter((r) => r !== 'administrator').map((value) => ({ value, label: wordOf(value) }))}
          value={transition.roles}
          onChange={(roles) => set({ roles: roleNames.filter((r) => roles.includes(r)) })}
        />
        <FormParts {...props} set={set} />
        <Guards {...props} set={set} options={options} />
        <Actions {...props} set={set} />
        <Switch
          label={t('lifecycle.retired')}
          checked={transition.retired}
          onChange={(event) => set({ retired: event.currentTarget.checked })}
        />
      </Stack>
    </Section>
  );
}

type Part = Props & { set: (change: Partial<Transition>) => void };

/** What the asset must have, and what the form asks for. */
function FormParts({ transition, set }: Part) {
  const asked = transition.inputs.map((i) => i.key);
  const inputOptions = (keys: readonly (typeof transitionInputs)[number][]) =>
    keys.map((value) => ({ value, label: t(`lifecycle.input.${value}`) }));
  return (
    <>
      <MultiSelect
        label={t('lifecycle.requires')}
        data={requirableFields.map((value) => ({ value, label: t(`asset.${value}`) }))}
        value={transition.requires}
        onChange={(values) => set({ requires: requirableFields.filter((f) => values.includes(f)) })}
      />
      <MultiSelect
        label={t('lifecycle.inputs')}
        data={inputOptions(transitionInputs)}
        value={asked}
        onChange={(values) =>
          set({
            inputs: transitionInputs
              .filter((key) => values.includes(key))
              .map((key) => ({ key, required: transition.inputs.find((i) => i.key === key)?.required ?? false })),
          })
        }
      />
      <MultiSelect
        label={t('lifecycle.inputsRequired')}
        data={inputOptions(asked)}
        value={transition.inputs.filter((i) => i.required).map((i) => i.key)}
        onChange={(values) => set({ inputs: transition.inputs.map((i) => ({ ...i, required: values.includes(i.key) })) })}
      />
    </>
  );
}

/** The conditions: those that hold or not, and those that name values. */
function Guards({ transition, set, options }: Part & { options: { value: string; label: string }[] }) {
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const has = (kind: GuardKind): boolean => transition.guards.some((g) => g.kind === kind);
  const valuesOf = (kind: GuardKind): string[] => transition.guards.find((g) => g.kind === kind)?.values ?? [];
  const put = (kind: GuardKind, guard: Guard | null): void =>
    set({ guards: [...transition.guards.filter((g) => g.kind !== kind), ...(guard ? [guard] : [])] });
  const values = (kind: GuardKind) => ({
    value: valuesOf(kind),
    onChange: (next: string[]) => put(kind, next.length > 0 ? { kind, values: next } : null),
  });
  return (
    <>
      <Checkbox.Group label={t('lifecycle.guards')} value={plainGuards.filter(has)}>
        <Stack gap={6} mt={4}>
          {plainGuards.map((kind) => (
            <Checkbox
              key={kind}
              value={kind}
              label={t(`lifecycle.guard.${kind}`)}
              onChange={(event) => put(kind, event.currentTarget.checked ? { kind, values: [] } : null)}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <MultiSelect
        label={t('lifecycle.classes')}
        searchable
        data={(classes.data?.items ?? []).map((c) => ({ value: c.key, label: c.label }))}
        {...values('class_in')}
      />
      <MultiSelect label={t('lifecycle.notIn')} searchable data={options} {...values('substate_not_in')} />
      <TagsInput label={t('lifecycle.conditions')} description={t('lifecycle.conditionsHint')} {...values('condition_in')} />
    </>
  );
}

function Actions({ transition, actions, set }: Part) {
  return (
    <>
      <MultiSelect
        label={t('lifecycle.actions')}
        description={t('lifecycle.actionsHint')}
        data={actions.map((a) => ({ value: a.key, label: actionWord(a) }))}
        value={transition.actions.map((a) => a.key)}
        onChange={(keys) => set({ actions: keys.map((key) => transition.actions.find((a) => a.key === key) ?? { key, parameters: {} }) })}
      />
      <ActionParameters actions={transition.actions} kinds={actions} onChange={(next) => set({ actions: next })} />
    </>
  );
}
