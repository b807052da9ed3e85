import { Button, Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Ref } from '@muster/api/fields';
import { createEntitlement, listMetrics, metricKeys, patchEntitlement, type Entitlement, type MetricKey } from '@muster/api/licensing';
import { getSettings } from '@muster/api/settings';
import { productListRoutes } from '@muster/api/software';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { wordOf } from '../../ui/value-words.ts';

interface Values extends Record<string, unknown> {
  productId: Ref | null;
  metric: MetricKey;
  quantity: number | string;
  unlimited: boolean;
  edition: string;
  pool: string;
  startsOn: string;
  endsOn: string;
  unitPrice: string;
  currency: string;
  purchaseReference: string;
  supplier: string;
  purchasedOn: string;
  agreement: string;
  notes: string;
}

function valuesOf(e: Entitlement | undefined, product: Ref | null): Values {
  return {
    productId: product,
    metric: e?.metric ?? 'per_device',
    quantity: e?.quantity ?? '',
    unlimited: e ? e.quantity === null : false,
    edition: e?.edition ?? '',
    pool: e?.pool ?? 'global',
    startsOn: e?.startsOn ?? '',
    endsOn: e?.endsOn ?? '',
    unitPrice: e?.unitPrice?.amount ?? '',
    currency: e?.unitPrice?.currency ?? '',
    purchaseReference: e?.purchaseReference ?? '',
    supplier: e?.supplier ?? '',
    purchasedOn: e?.purchasedOn ?? '',
    agreement: e?.agreement ?? '',
    notes: e?.notes ?? '',
  };
}

/** One purchase line's rights, to enter or to correct. What was typed stays when the server refuses it. */
export function EntitlementForm({
  entitlement,
  product,
  onSaved,
  onCancel,
}: {
  entitlement?: Entitlement;
  product: Ref | null;
  onSaved: (saved: Entitlement) => void;
  onCancel: () => void;
}) {
  const metrics = useQuery(apiQuery(listMetrics, {}));
  const settings = useQuery(apiQuery(getSettings, {}));
  const form = useForm<Values>({ initialValues: valuesOf(entitlement, product) });
  const [problem, setProblem] = useState<unknown>(null);
  const currency = form.values.currency || settings.data?.currency || 'EUR';
  const save = useChange(
    async (v: Values) => {
      const body = {
        productId: v.productId?.id ?? '',
        metric: v.metric,
        quantity: v.unlimited || v.quantity === '' ? null : Number(v.quantity),
        edition: orNull(v.edition),
        pool: v.pool,
        startsOn: orNull(v.startsOn),
        endsOn: orNull(v.endsOn),
        unitPrice: v.unitPrice.trim() ? { amount: v.unitPrice.trim(), currency } : null,
        purchaseReference: orNull(v.purchaseReference),
        supplier: orNull(v.supplier),
        purchasedOn: orNull(v.purchasedOn),
        agreement: orNull(v.agreement),
        notes: orNull(v.notes),
      };
      if (!entitlement) return (await call(createEntitlement, { body })).data;
      return (await call(patchEntitlement, { params: { id: entitlement.id }, body, ifMatch: `"${entitlement.version}"` })).data;
    },
    { message: t('record.saved'), onDone: onSaved, onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  const submit = form.onSubmit((values) => {
    setProblem(null);
    if (!values.productId) form.setFieldError('productId', t('form.required'));
    // Nothing typed is not "unlimited": that is said by its own box.
    else if (!values.unlimited && values.quantity === '') form.setFieldError('quantity', t('entitlement.quantityNeeded'));
    else save.mutate(values);
  });
  const metric = metrics.data?.items.find((m) => m.key === form.values.metric);
  const date = (key: 'startsOn' | 'endsOn' | 'purchasedOn', label: string, description?: string) => (
    <TextInput type="date" label={label} {...(description ? { description } : {})} {...form.getInputProps(key)} />
  );
  return (
    <form className="form" onSubmit={submit} noValidate>
      <Stack gap="sm">
        <ProblemNotice error={problem} />
        <RefSelect
          routes={productListRoutes}
          label={t('evidence.product')}
          required
          value={form.values.productId}
          onChange={(v) => form.setFieldValue('productId', v)}
          error={form.errors['productId']}
        />
        <div className="form-grid">
          <Select
            label={t('entitlement.metric')}
            required
            allowDeselect={false}
            description={metric?.explanation}
            data={metricKeys.map((key) => ({ value: key, label: metrics.data?.items.find((m) => m.key === key)?.name ?? wordOf(key) }))}
            {...form.getInputProps('metric')}
          />
          <div>
            <NumberInput
              label={t('entitlement.quantity')}
              description={metric ? t('entitlement.unit', { unit: metric.unit }) : undefined}
              min={0}
              decimalScale={4}
              disabled={form.values.unlimited}
              {...form.getInputProps('quantity')}
            />
            <Checkbox mt={6} size="xs" label={t('none.unlimited')} {...form.getInputProps('unlimited', { type: 'checkbox' })} />
          </div>
          <TextInput label={t('evidence.edition')} description={t('entitlement.editionHint')} {...form.getInputProps('edition')} />
          <TextInput label={t('entitlement.pool')} description={t('entitlement.poolHint')} {...form.getInputProps('pool')} />
          {date('startsOn', t('entitlement.starts'))}
          {date('endsOn', t('entitlement.ends'), t('entitlement.endsHint'))}
          <TextInput label={t('entitlement.unitPrice')} inputMode="decimal" placeholder="1234.50" {...form.getInputProps('unitPrice')} />
          <TextInput
            label={t('entitlement.currency')}
            maxLength={3}
            placeholder={settings.data?.currency}
            value={form.values.currency}
            onChange={(event) => form.setFieldValue('currency', event.currentTarget.value.toUpperCase())}
          />
          <TextInput label={t('entitlement.reference')} {...form.getInputProps('purchaseReference')} />
          <TextInput label={t('entitlement.supplier')} {...form.getInputProps('supplier')} />
          {date('purchasedOn', t('entitlement.purchased'))}
          <TextInput label={t('entitlement.agreement')} {...form.getInputProps('agreement')} />
        </div>
        <Textarea label={t('asset.notes')} autosize minRows={2} {...form.getInputProps('notes')} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('action.save')}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
