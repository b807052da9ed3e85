import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { AssetRecord } from '@muster/api/assets';
import { addAssetCode, listAssetCodes, removeAssetCode, symbologies } from '@muster/api/codes';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

const PrintDialog = lazy(async () => ({ default: (await import('./PrintDialog.tsx')).PrintDialog }));
const kinds = ['external', 'serial', 'service_tag'] as const;

/** Prints the label of one asset, with the default of its class. */
export function PrintAsset({ asset }: { asset: AssetRecord }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t('labels.printOne')}
      </Button>
      <Suspense>{open && <PrintDialog assetIds={[asset.id]} classKey={asset.class.key} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}

/** The codes on an asset; adding the code of a sticker claims it. */
export function AssetCodes({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const query = useQuery(apiQuery(listAssetCodes, { params: { id } }));
  const form = useForm<{ value: string; kind: (typeof kinds)[number]; symbology: (typeof symbologies)[number] }>({
    initialValues: { value: '', kind: 'external', symbology: 'code128' },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const add = useChange((values: typeof form.values) => call(addAssetCode, { params: { id }, body: values }), {
    message: t('codes.added'),
    onDone: () => form.reset(),
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  const remove = useChange((codeId: string) => call(removeAssetCode, { params: { id, codeId } }), { message: t('codes.removed') });
  return (
    <>
      <ProblemNotice error={problem ?? remove.error} />
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={t('codes.empty')}>{t('codes.emptyHint')}</EmptyState>
          ) : (
            <SimpleTable
              title={t('codes.title')}
              rows={items}
              columns={[
                [t('codes.value'), (one) => <span className="mono">{one.value}</span>],
                [t('codes.kind'), (one) => wordOf(one.kind)],
                [t('codes.symbology'), (one) => wordOf(one.symbology)],
                [t('codes.source'), (one) => one.source],
                [t('codes.since'), (one) => <TimeAgo at={one.claimedAt} />],
                ...(mayEdit
                  ? [
                      [
                        t('codes.remove'),
                        (one: (typeof items)[number]) => (
                          <ConfirmButton
                            label={t('codes.remove')}
                            question={t('codes.removeQuestion', { code: one.value })}
                            onConfirm={() => remove.mutate(one.id)}
                          />
                        ),
                      ] as [string, (one: (typeof items)[number]) => ReactNode],
                    ]
                  : []),
              ]}
            />
          )
        }
      </Loaded>
      {mayEdit && (
        <form
          noValidate
          onSubmit={form.onSubmit((values) => {
            setProblem(null);
            add.mutate(values);
          })}
        >
          <Group align="start" gap="xs" mt="md">
            <TextInput label={t('codes.new')} description={t('codes.newHint')} required {...form.getInputProps('value')} />
            <Select
              label={t('codes.kind')}
              description={t('codes.kindHint')}
              allowDeselect={false}
              data={kinds.map((value) => ({ value, label: wordOf(value) }))}
              {...form.getInputProps('kind')}
            />
            <Select
              label={t('codes.symbology')}
              description={t('codes.symbologyHint')}
              allowDeselect={false}
              data={symbologies.map((value) => ({ value, label: wordOf(value) }))}
              {...form.getInputProps('symbology')}
            />
          </Group>
          <Button type="submit" mt="sm" loading={add.isPending}>
            {t('codes.add')}
          </Button>
        </form>
      )}
    </>
  );
}
