import { Button } from '@mantine/core';
import type { BulkSelection } from '@muster/api/bulk-changes';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { number } from '../../ui/formatting.ts';
import type { RowsChosen } from '../../ui/table/ResourceTable.tsx';
import { KeywordsDialog } from '../attachments/KeywordsDialog.tsx';
import { BulkEditDialog } from './BulkEditDialog.tsx';
import { BulkTransitionDialog } from './BulkTransitionDialog.tsx';

/** What can be done with chosen assets, or with all that the list finds. Everything goes through a preview first. */
export function BulkActions({ chosen }: { chosen: RowsChosen }) {
  const [all, setAll] = useState(false);
  const [dialog, setDialog] = useState<'edit' | 'transition' | 'keywords' | null>(null);
  const { q, filter } = chosen.query;
  const selection: BulkSelection = all ? { all: true, ...(q ? { q } : {}), ...(filter ? { filter } : {}) } : { ids: chosen.ids };
  const found = chosen.total === null ? '' : chosen.isEstimate ? t('table.about', { count: number(chosen.total) }) : number(chosen.total);
  const count = all ? found : number(chosen.ids.length);
  return (
    <>
      {chosen.total !== null &&
        chosen.total > chosen.ids.length &&
        (all ? (
          <>
            <span>{t('bulk.allSelected', { count: found })}</span>
            <Button variant="subtle" size="compact-xs" onClick={() => setAll(false)}>
              {t('bulk.onlyChosen')}
            </Button>
          </>
        ) : (
          <Button variant="subtle" size="compact-xs" onClick={() => setAll(true)}>
            {t('bulk.selectAll', { count: found })}
          </Button>
        ))}
      <Button variant="default" size="compact-xs" onClick={() => setDialog('edit')}>
        {t('bulk.edit')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setDialog('transition')}>
        {t('bulk.transition')}
      </Button>
      <Button variant="default" size="compact-xs" onClick={() => setDialog('keywords')}>
        {t('keyword.bulk')}
      </Button>
      {dialog === 'edit' && <BulkEditDialog selection={selection} count={count} onClose={() => setDialog(null)} />}
      {dialog === 'keywords' && <KeywordsDialog selection={selection} count={count} onClose={() => setDialog(null)} />}
      {dialog === 'transition' && <BulkTransitionDialog selection={selection} count={count} onClose={() => setDialog(null)} />}
    </>
  );
}
