import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Ref } from '@muster/api/fields';
import { createPlace, placeKinds, placeListRoutes, updatePlace, type Place } from '@muster/api/places';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { useChange } from '../../ui/record-change.ts';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { wordOf } from '../../ui/value-words.ts';

interface Props {
  place?: Place;
  /** For a new place: what it is part of. */
  parent?: Ref;
  onSaved: (place: Place) => void;
  onCancel: () => void;
}

function valuesOf(place: Place | undefined, parent: Ref | undefined) {
  return {
    name: place?.name ?? '',
    kind: place?.kind ?? 'room',
    parentId: place ? place.parent : (parent ?? null),
    rackUnits: place?.rackUnits ?? 42,
    street: place?.address.street ?? '',
    postcode: place?.address.postcode ?? '',
    city: place?.address.city ?? '',
    region: place?.address.region ?? '',
    country: place?.address.country ?? '',
    notes: place?.notes ?? '',
  };
}

export function PlaceForm({ place, parent, onSaved, onCancel }: Props) {
  const form = useForm({ initialValues: valuesOf(place, parent) });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: ReturnType<typeof valuesOf>) => {
      const body = {
        name: v.name,
        kind: v.kind,
        parentId: v.parentId?.id ?? null,
        notes: orNull(v.notes),
        rackUnits: v.kind === 'rack' ? v.rackUnits : null,
        address: {
          street: orNull(v.street),
          postcode: orNull(v.postcode),
          city: orNull(v.city),
          region: orNull(v.region),
          country: orNull(v.country),
        },
      };
      return place
        ? (await call(updatePlace, { params: { id: place.id }, body, ifMatch: `"${place.version}"` })).data
        : (await call(createPlace, { body })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <RecordForm
      form={form}
      problem={problem}
      pending={save.isPending}
      onSubmit={(values) => {
        setProblem(null);
        save.mutate(values);
      }}
      onCancel={onCancel}
    >
      <div className="form-grid">
        <TextInput label={t('person.name')} required {...form.getInputProps('name')} />
        <Select
          label={t('place.kind')}
          allowDeselect={false}
          data={placeKinds.map((kind) => ({ value: kind, label: wordOf(kind) }))}
          {...form.getInputProps('kind')}
        />
        <RefSelect
          routes={placeListRoutes}
          label={t('place.parent')}
          description={t('place.parentHint')}
          value={form.values.parentId}
          onChange={(v) => form.setFieldValue('parentId', v)}
          error={form.errors['parentId']}
        />
        {form.values.kind === 'rack' && (
          <NumberInput
            label={t('place.rackUnits')}
            description={t('place.rackUnitsHint')}
            min={1}
            max={100}
            allowDecimal={false}
            {...form.getInputProps('rackUnits')}
          />
        )}
        <TextInput label={t('place.street')} autoComplete="off" {...form.getInputProps('street')} />
        <TextInput label={t('place.postcode')} autoComplete="off" {...form.getInputProps('postcode')} />
        <TextInput label={t('place.city')} autoComplete="off" {...form.getInputProps('city')} />
        <TextInput label={t('place.region')} autoComplete="off" {...form.getInputProps('region')} />
        <TextInput
          label={t('place.country')}
          description={t('place.countryHint')}
          autoComplete="off"
          maxLength={2}
          {...form.getInputProps('country')}
        />
      </div>
      <Textarea label={t('asset.notes')} autosize minRows={2} {...form.getInputProps('notes')} />
    </RecordForm>
  );
}
