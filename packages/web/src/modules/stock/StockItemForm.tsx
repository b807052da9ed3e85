import { NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  createStockItem,
  stockCategories,
  stockModes,
  updateStockItem,
  type StockCategory,
  type StockItem,
  type StockMode,
} from '@muster/api/stock';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { RecordForm } from '../../ui/RecordForm.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';

interface Values extends Record<string, unknown> {
  name: string;
  category: StockCategory;
  mode: StockMode;
  manufacturer: string;
  partNumber: string;
  unit: string;
  minimum: number | string;
  notes: string;
}

const valuesOf = (item: StockItem | undefined): Values => ({
  name: item?.name ?? '',
  category: item?.category ?? 'accessory',
  mode: item?.mode ?? 'two_way',
  manufacturer: item?.manufacturer ?? '',
  partNumber: item?.partNumber ?? '',
  unit: item?.unit ?? 'piece',
  minimum: item?.minimum ?? '',
  notes: item?.notes ?? '',
});

/** A stock item, to add or to correct. What was typed stays when the server refuses it. */
export function StockItemForm({ item, onSaved, onCancel }: { item?: StockItem; onSaved: (item: StockItem) => void; onCancel: () => void }) {
  const form = useForm<Values>({ initialValues: valuesOf(item) });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    async (v: Values) => {
      const body = {
        name: v.name,
        category: v.category,
        mode: v.mode,
        manufacturer: orNull(v.manufacturer),
        partNumber: orNull(v.partNumber),
        unit: v.unit,
        minimum: v.minimum === '' ? null : Number(v.minimum),
        notes: orNull(v.notes),
      };
      if (!item) return (await call(createStockItem, { body })).data;
      return (await call(updateStockItem, { params: { id: item.id }, ifMatch: `"${item.version}"`, body })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const words = (values: readonly string[]) => values.map((value) => ({ value, label: wordOf(value) }));
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
        <TextInput label={t('stock.name')} required {...form.getInputProps('name')} />
        <Select label={t('stock.category')} data={words(stockCategories)} allowDeselect={false} {...form.getInputProps('category')} />
        <Select
          label={t('stock.mode')}
          description={t('stock.modeHint')}
          data={words(stockModes)}
          allowDeselect={false}
          disabled={item ? !item.modeIsOpen : false}
          {...form.getInputProps('mode')}
        />
        <TextInput label={t('stock.unit')} required {...form.getInputProps('unit')} />
        <TextInput label={t('stock.manufacturer')} {...form.getInputProps('manufacturer')} />
        <TextInput label={t('stock.partNumber')} {...form.getInputProps('partNumber')} />
        <NumberInput
          label={t('stock.minimum')}
          description={t('stock.minimumHint')}
          min={0}
          max={1_000_000}
          allowDecimal={false}
          {...form.getInputProps('minimum')}
        />
      </div>
      <Textarea label={t('asset.notes')} autosize minRows={2} maxLength={10_000} {...form.getInputProps('notes')} />
    </RecordForm>
  );
}
