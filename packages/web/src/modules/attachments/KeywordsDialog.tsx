import { TagsInput } from '@mantine/core';
import type { BulkSelection } from '@muster/api/bulk-changes';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { usePreview } from '../bulk/use-preview.ts';
import { useKeywordWords } from './use-keyword-words.ts';

/** Chooses which keywords many assets get and lose; the preview comes before anything changes. */
export function KeywordsDialog({ selection, count, onClose }: { selection: BulkSelection; count: string; onClose: () => void }) {
  const [add, setAdd] = useState<string[]>([]);
  const [take, setTake] = useState<string[]>([]);
  const preview = usePreview(selection, 'keywords');
  return (
    <FormDialog
      title={t('keyword.bulkTitle', { count })}
      button={t('bulk.preview')}
      ready={add.length + take.length > 0}
      pending={preview.isPending}
      problem={preview.error}
      onSubmit={() => preview.mutate({ add, take })}
      onClose={onClose}
    >
      <KeywordsInput label={t('keyword.bulkAdd')} value={add} onChange={setAdd} />
      <KeywordsInput label={t('keyword.bulkTake')} value={take} onChange={setTake} />
    </FormDialog>
  );
}

function KeywordsInput(props: { label: string; value: string[]; onChange: (value: string[]) => void }) {
  const [text, setText] = useState('');
  const words = useKeywordWords(text);
  return (
    <TagsInput
      {...props}
      description={t('keyword.newHint')}
      data={words}
      searchValue={text}
      onSearchChange={setText}
      acceptValueOnBlur
      maxTags={20}
      splitChars={[',', ';']}
    />
  );
}
