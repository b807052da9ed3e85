import { Button, Group, Modal, NumberInput, Select, Stack, Text } from '@mantine/core';
import { listAssetClasses } from '@muster/api/asset-classes';
import { getLabelTemplate, labelTemplateListRoutes } from '@muster/api/labels';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { printToFile } from './print-file.ts';

interface Props {
  assetIds?: string[];
  batch?: { id: string; stickers: number };
  /** The class whose default template is proposed. */
  classKey?: string;
  onClose: () => void;
}

/** The template that is the default of the class or of the nearest class above it; otherwise the first. */
function useProposed(classKey: string | undefined): {
  options: { value: string; label: string }[];
  proposed: string | null;
  loaded: boolean;
} {
  const templates = useQuery(apiQuery(labelTemplateListRoutes.list, { query: { limit: 200, fields: 'id,name,defaultFor' } }));
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const items = templates.data?.items ?? [];
  let key: string | null | undefined = classKey;
  let found: (typeof items)[number] | undefined;
  while (key && !found) {
    const wanted: string = key;
    found = items.find((one) => one.defaultFor?.split(', ').includes(wanted));
    key = classes.data?.items.find((one): boolean => one.key === wanted)?.parent;
  }
  return {
    options: items.map((one) => ({ value: one.id ?? '', label: one.name ?? '' })),
    proposed: (found ?? items[0])?.id ?? null,
    loaded: templates.isSuccess,
  };
}

/** Chooses how to print: the template, the file, where the sheet begins. */
export function PrintDialog({ assetIds, batch, classKey, onClose }: Props) {
  const { options, proposed, loaded } = useProposed(classKey);
  const [chosen, setChosen] = useState<string | null>(null);
  const [format, setFormat] = useState<'pdf' | 'zpl'>('pdf');
  const [dpi, setDpi] = useState<203 | 300 | 600>(203);
  const [startAt, setStartAt] = useState(1);
  const [copies, setCopies] = useState(1);
  const templateId = chosen ?? proposed;
  const template = useQuery({ ...apiQuery(getLabelTemplate, { params: { id: templateId ?? '' } }), enabled: templateId !== null });
  const media = template.data?.definition.media;
  const places = media?.kind === 'sheet' ? media.rows * media.columns : 1;
  const print = useChange(
    async (id: string) =>
      printToFile({
        templateId: id,
        ...(batch ? { batchId: batch.id } : { assetIds: assetIds ?? [] }),
        format,
        startAt: format === 'pdf' ? Math.min(startAt, places) : 1,
        copies,
        dpi,
      }),
    { message: t('labels.printed'), onDone: onClose },
  );
  return (
    <Modal opened onClose={onClose} title={t('labels.print')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="sm">
        <Text size="sm">{tn('labels.count', (batch?.stickers ?? assetIds?.length ?? 0) * copies)}</Text>
        <ProblemNotice error={print.error ?? template.error} />
        {loaded && options.length === 0 ? (
          <Text size="sm">
            {t('labels.noTemplate')} <AppLink to="/labels/new">{t('labels.new')}</AppLink>
          </Text>
        ) : (
          <Select label={t('labels.template')} data={options} value={templateId} onChange={setChosen} allowDeselect={false} />
        )}
        <Select
          label={t('labels.format')}
          data={[
            { value: 'pdf', label: t('labels.formatPdf') },
            { value: 'zpl', label: t('labels.formatZpl') },
          ]}
          value={format}
          allowDeselect={false}
          onChange={(value) => setFormat(value as 'pdf' | 'zpl')}
        />
        {format === 'zpl' && (
          <Select
            label={t('labels.dpi')}
            data={['203', '300', '600']}
            value={String(dpi)}
            allowDeselect={false}
            onChange={(value) => setDpi(Number(value) as 203 | 300 | 600)}
          />
        )}
        {format === 'pdf' && places > 1 && (
          <NumberInput
            label={t('labels.startAt')}
            description={t('labels.startAtHint', { places })}
            min={1}
            max={places}
            value={startAt}
            onChange={(value) => setStartAt(Number(value) || 1)}
          />
        )}
        <NumberInput label={t('labels.copies')} min={1} max={100} value={copies} onChange={(value) => setCopies(Number(value) || 1)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button disabled={templateId === null} loading={print.isPending} onClick={() => templateId && print.mutate(templateId)}>
            {t('labels.printNow')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
