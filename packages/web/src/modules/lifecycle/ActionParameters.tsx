import { NumberInput, Select, TextInput } from '@mantine/core';
import type { ActionKind, ActionParameter, Transition } from '@muster/api/lifecycle';
import { fieldLabel, t } from '../../app/messages.ts';
import { wordOf } from '../../ui/value-words.ts';
import { actionWord } from './machine-words.ts';

type Action = Transition['actions'][number];

/** What the chosen actions of a transition ask the machine for. */
export function ActionParameters({
  actions,
  kinds,
  onChange,
}: {
  actions: readonly Action[];
  kinds: readonly ActionKind[];
  onChange: (actions: Action[]) => void;
}) {
  const put = (index: number, key: string, value: string): void =>
    onChange(
      actions.map((a, i) => {
        if (i !== index) return a;
        const { [key]: _was, ...rest } = a.parameters;
        return { ...a, parameters: value === '' ? rest : { ...rest, [key]: value } };
      }),
    );
  return (
    <>
      {actions.map((action, index) => {
        const kind = kinds.find((k) => k.key === action.key);
        const asked = (kind?.parameters ?? []).filter((p) => !p.when || p.when.values.includes(action.parameters[p.when.key] ?? ''));
        if (!kind || asked.length === 0) return null;
        return (
          <fieldset key={action.key} className="lifecycle-parameters">
            <legend>{t('lifecycle.parametersOf', { action: actionWord(kind) })}</legend>
            {asked.map((p) => (
              <ParameterInput
                key={p.key}
                parameter={p}
                value={action.parameters[p.key] ?? ''}
                onChange={(value) => put(index, p.key, value)}
              />
            ))}
          </fieldset>
        );
      })}
    </>
  );
}

function ParameterInput({ parameter, value, onChange }: { parameter: ActionParameter; value: string; onChange: (value: string) => void }) {
  const shared = { label: fieldLabel(parameter.label), required: parameter.required };
  if (parameter.type === 'choice')
    return (
      <Select
        {...shared}
        allowDeselect={!parameter.required}
        data={(parameter.values ?? []).map((one) => ({ value: one, label: wordOf(one) }))}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  if (parameter.type === 'number')
    return <NumberInput {...shared} min={0} allowDecimal={false} value={value} onChange={(next) => onChange(String(next))} />;
  return <TextInput {...shared} value={value} maxLength={500} onChange={(event) => onChange(event.currentTarget.value)} />;
}
