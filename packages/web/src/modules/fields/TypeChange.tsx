import type { previewCustomType } from '@muster/api/custom-fields';
import type { ResponseOf } from '@muster/api/route';
import { t } from '../../app/messages.ts';
import { number } from '../../ui/formatting.ts';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { WarningNotice } from '../../ui/WarningNotice.tsx';

export type TypePreview = ResponseOf<typeof previewCustomType>;

/** What a change of type does to the values: counts, and examples with those that would be lost first. */
export function TypeChange({ preview }: { preview: TypePreview }) {
  const line = t('customField.preview', { kept: number(preview.kept), total: number(preview.total), lost: number(preview.lost) });
  return (
    <>
      {preview.lost > 0 ? <WarningNotice title={line}>{null}</WarningNotice> : <p>{line}</p>}
      <SimpleTable
        title={t('customField.previewTitle')}
        rows={preview.examples}
        columns={[
          [t('customField.value'), (row) => row.value],
          [t('customField.becomes'), (row) => row.becomes ?? <strong>{t('customField.lost')}</strong>],
          [t('customField.records'), (row) => number(row.records), true],
        ]}
      />
    </>
  );
}
