import { Button, Checkbox, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import type { Ref } from '@muster/api/fields';
import { createProduct, createRecognitionRule, productCategories, productListRoutes, type UnrecognisedGroup } from '@muster/api/software';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { orNull, showProblemOn } from '../../ui/forms.ts';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { titleOf } from './group-title.ts';
import { wordOf } from '../../ui/value-words.ts';

interface Values extends Record<string, unknown> {
  namePattern: string;
  onlyPublisher: boolean;
  edition: string;
  productId: Ref | null;
  productName: string;
  publisherName: string;
  category: string;
  licensable: boolean;
}

/** Maps titles to a product of the catalogue or to a new local one. What it would change is shown before it is done. */
export function MapDialog({ group, onClose }: { group: UnrecognisedGroup; onClose: () => void }) {
  const follow = useFollow();
  const [kind, setKind] = useState<'existing' | 'new'>('existing');
  const [problem, setProblem] = useState<unknown>(null);
  const form = useForm<Values>({
    initialValues: {
      namePattern: group.suggestedPattern,
      onlyPublisher: group.publisher !== null,
      edition: '',
      productId: group.suggestions[0] ? { id: group.suggestions[0].id, label: group.suggestions[0].label } : null,
      productName: titleOf(group),
      publisherName: group.publisher ?? '',
      category: 'other',
      licensable: false,
    },
  });
  // A product that was made before the rule was refused is used by the next try, not made twice.
  const made = useRef<{ name: string; id: string } | null>(null);
  const newProduct = async (values: Values): Promise<string> => {
    if (made.current?.name === values.productName) return made.current.id;
    const { data } = await call(createProduct, {
      body: {
        name: values.productName,
        publisherName: values.publisherName,
        category: values.category as (typeof productCategories)[number],
        licensable: values.licensable,
      },
    });
    made.current = { name: values.productName, id: data.id };
    return data.id;
  };
  const save = useChange(
    async (values: Values) => {
      const product = kind === 'existing' ? values.productId?.id : await newProduct(values);
      return (await call(createRecognitionRule, { query: { preview: 'false' }, body: ruleOf(values, group, product ?? '') })).data;
    },
    {
      message: t('map.done'),
      onDone: ({ jobId }) => {
        onClose();
        if (jobId) follow(`/jobs/${jobId}`);
      },
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  const cannot =
    kind === 'existing' ? form.values.productId === null : form.values.productName.trim() === '' || form.values.publisherName.trim() === '';
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('unrecognised.mapName', { name: titleOf(group) })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          save.mutate(values);
        })}
        noValidate
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <SegmentedControl
            size="xs"
            aria-label={t('map.target')}
            value={kind}
            onChange={(value) => setKind(value)}
            data={[
              { value: 'existing', label: t('map.existing') },
              { value: 'new', label: t('map.new') },
            ]}
          />
          <ProductFields kind={kind} group={group} form={form} />
          <TextInput label={t('map.pattern')} description={t('map.patternHint')} required {...form.getInputProps('namePattern')} />
          {group.publisher !== null && (
            <Checkbox
              label={t('map.onlyPublisher', { publisher: group.publisher })}
              {...form.getInputProps('onlyPublisher', { type: 'checkbox' })}
            />
          )}
          <TextInput label={t('evidence.edition')} {...form.getInputProps('edition')} />
          <Preview values={form.values} group={group} isNew={kind === 'new'} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={cannot}>
              {t('unrecognised.map')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A product of the catalogue to choose, or a new one to describe. */
function ProductFields({ kind, group, form }: { kind: 'existing' | 'new'; group: UnrecognisedGroup; form: UseFormReturnType<Values> }) {
  return kind === 'existing' ? (
    <>
      <RefSelect
        routes={productListRoutes}
        label={t('evidence.product')}
        required
        value={form.values.productId}
        onChange={(v) => form.setFieldValue('productId', v)}
        error={form.errors['productId']}
        data-autofocus
      />
      {group.suggestions.length > 0 && (
        <Group gap={6}>
          <span className="dimmed">{t('map.suggestions')}</span>
          {group.suggestions.map((s) => (
            <Button
              key={s.id}
              variant="default"
              size="compact-xs"
              onClick={() => form.setFieldValue('productId', { id: s.id, label: s.label })}
            >
              {s.label}
            </Button>
          ))}
        </Group>
      )}
    </>
  ) : (
    <div className="form-grid">
      <TextInput
        label={t('map.productName')}
        required
        {...form.getInputProps('productName')}
        error={form.errors['productName'] ?? form.errors['name']}
      />
      <TextInput label={t('evidence.publisher')} required {...form.getInputProps('publisherName')} />
      <Select
        label={t('map.category')}
        searchable
        allowDeselect={false}
        data={productCategories.map((c) => ({ value: c, label: wordOf(c) }))}
        {...form.getInputProps('category')}
      />
      <Checkbox label={t('product.licensable')} mt={28} {...form.getInputProps('licensable', { type: 'checkbox' })} />
    </div>
  );
}

function ruleOf(values: Values, group: UnrecognisedGroup, productId: string) {
  return {
    namePattern: values.namePattern,
    publisher: values.onlyPublisher ? group.publisher : null,
    channel: null,
    productId,
    edition: orNull(values.edition),
  };
}

/** How many titles and installations the rule would touch, before anything is written. */
function Preview({ values, group, isNew }: { values: Values; group: UnrecognisedGroup; isNew: boolean }) {
  // The effect of the pattern is the same for any product: a new one is previewed with one that exists.
  const productId = isNew ? (group.suggestions[0]?.id ?? values.productId?.id) : values.productId?.id;
  const [body] = useDebouncedValue(ruleOf(values, group, productId ?? ''), 300);
  const preview = useQuery({
    queryKey: [...keyOf(createRecognitionRule), 'preview', JSON.stringify(body)],
    queryFn: async ({ signal }) => (await call(createRecognitionRule, { query: { preview: 'true' }, body, signal })).data.effect,
    enabled: body.productId !== '' && body.namePattern.trim().length > 1,
    placeholderData: keepPreviousData,
  });
  if (!preview.data) return preview.error ? <ProblemNotice error={preview.error} /> : <p className="dimmed">{t('map.previewNeeds')}</p>;
  const effect = preview.data;
  return (
    <div className="preview" aria-live="polite">
      <p>
        {t('map.preview', {
          titles: tn('software.titles', effect.evidence),
          installations: tn('software.installations', effect.installations),
        })}{' '}
        {effect.changes !== effect.evidence && t('map.previewChanges', { count: number(effect.changes) })}
      </p>
      <ul>
        {effect.samples.slice(0, 5).map((s) => (
          <li key={s.id}>
            {s.name} <span className="dimmed">{s.version}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
