import { Button } from '@mantine/core';
import { giveTags } from '@muster/api/codes';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { say } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { PrintDialog } from './PrintDialog.tsx';

/** What can be done with selected assets here: print their labels, give tags to those without. */
export function LabelActions({ assetIds }: { assetIds: string[] }) {
  const [printing, setPrinting] = useState(false);
  const give = useChange(async () => (await call(giveTags, { body: { assetIds } })).data, {
    onDone: ({ given, skipped }) => say(t('tags.given', { given: given.length, skipped: skipped.length })),
  });
  return (
    <>
      <Button size="compact-xs" onClick={() => setPrinting(true)}>
        {t('labels.print')}
      </Button>
      <Button variant="default" size="compact-xs" loading={give.isPending} onClick={() => give.mutate(undefined)}>
        {t('tags.give')}
      </Button>
      <ProblemNotice error={give.error} />
      {printing && <PrintDialog assetIds={assetIds} onClose={() => setPrinting(false)} />}
    </>
  );
}
