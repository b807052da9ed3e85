import { Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createAsset } from '@muster/api/assets';
import { listAssetClasses } from '@muster/api/asset-classes';
import type { Ref } from '@muster/api/fields';
import { orgUnitListRoutes, personListRoutes } from '@muster/api/people';
import { placeListRoutes } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { type CustomDraft, customErrors, sentValues, useFieldsOfClass } from '../../ui/custom/custom-fields.ts';
import { CustomInputs } from '../../ui/custom/CustomInputs.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { PlainPage } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { wordOf } from '../../ui/value-words.ts';

const states = ['requested', 'on_order', 'in_stock', 'assigned', 'in_use'] as const;
const initial = {
  class: '',
  state: 'in_stock' as (typeof states)[number],
  tag: '',
  name: '',
  manufacturer: '',
  model: '',
  serial: '',
  person: null as Ref | null,
  place: null as Ref | null,
  orgUnit: null as Ref | null,
  warrantyStartsOn: '',
  warrantyEndsOn: '',
  notes: '',
};

/** An asset that no agent reports: entered by hand, every value a manual one. */
export function NewAssetPage() {
  const follow = useFollow();
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const form = useForm({ initialValues: initial });
  const fields = useFieldsOfClass('assets', form.values.class || null);
  const [custom, setCustom] = useState<CustomDraft>({});
  const [problem, setProblem] = useState<unknown>(null);
  const create = useChange(
    async (v: typeof initial) => {
      const texts = Object.fromEntries(
        (['tag', 'name', 'manufacturer', 'model', 'serial', 'warrantyStartsOn', 'warrantyEndsOn', 'notes'] as const).flatMap((key) =>
          v[key].trim() ? [[key, v[key].trim()]] : [],
        ),
      );
      const refs = Object.fromEntries((['person', 'place', 'orgUnit'] as const).flatMap((key) => (v[key] ? [[key, v[key].id]] : [])));
      return (await call(createAsset, { body: { class: v.class, state: v.state, ...texts, ...refs, custom: sentValues(fields, custom) } }))
        .data;
    },
    {
      message: t('asset.created'),
      onDone: (asset) => follow(`/assets/${asset.id}`),
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  const text = (key: 'tag' | 'name' | 'manufacturer' | 'model' | 'serial', label: string, description?: string) => (
    <TextInput label={label} {...(description ? { description } : {})} {...form.getInputProps(key)} />
  );
  return (
    <PlainPage name={t('asset.new')} line={t('asset.newHint')} back={{ to: '/assets', label: t('nav.assets') }}>
      <form
        className="form"
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          create.mutate(values);
        })}
        noValidate
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <div className="form-grid">
            <Select
              label={t('asset.class')}
              required
              searchable
              data={(classes.data?.items ?? []).filter((c) => !c.retired).map((c) => ({ value: c.key, label: c.label }))}
              {...form.getInputProps('class')}
            />
            <Select
              label={t('asset.state')}
              required
              allowDeselect={false}
              data={states.map((s) => ({ value: s, label: wordOf(s) }))}
              {...form.getInputProps('state')}
            />
            {text('tag', t('asset.tag'), t('asset.tagHint'))}
            {text('name', t('asset.name'), t('asset.nameHint'))}
            {text('manufacturer', t('asset.manufacturer'))}
            {text('model', t('asset.model'))}
            {text('serial', t('asset.serial'))}
            <RefSelect
              routes={personListRoutes}
              label={t('asset.person')}
              value={form.values.person}
              onChange={(v) => form.setFieldValue('person', v)}
              error={form.errors['person']}
            />
            <RefSelect
              routes={placeListRoutes}
              label={t('asset.place')}
              value={form.values.place}
              onChange={(v) => form.setFieldValue('place', v)}
              error={form.errors['place']}
            />
            <RefSelect
              routes={orgUnitListRoutes}
              label={t('asset.orgUnit')}
              value={form.values.orgUnit}
              onChange={(v) => form.setFieldValue('orgUnit', v)}
              error={form.errors['orgUnit']}
            />
            <TextInput type="date" label={fieldLabel('Warranty starts')} {...form.getInputProps('warrantyStartsOn')} />
            <TextInput type="date" label={fieldLabel('Warranty ends')} {...form.getInputProps('warrantyEndsOn')} />
          </div>
          {fields.length > 0 && (
            <div className="form-grid">
              <CustomInputs fields={fields} draft={custom} onChange={setCustom} errors={customErrors(create.error)} />
            </div>
          )}
          <Textarea label={t('asset.notes')} autosize minRows={3} {...form.getInputProps('notes')} />
          <Group>
            <Button type="submit" loading={create.isPending}>
              {t('action.create')}
            </Button>
            <Button variant="default" onClick={() => follow('/assets')}>
              {t('action.cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </PlainPage>
  );
}
