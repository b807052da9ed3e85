import { Button, Group, Modal, Stack, TagsInput } from '@mantine/core';
import type { BulkSelection } from '@muster/api/bulk-changes';
import { useState } from 'react';
import { t } from '../../app/messages.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { usePreview } from '../bulk/use-preview.ts';
import { useKeywordWords } from './use-keyword-words.ts';

/** Chooses which keywords many assets get and lose; the preview comes before anything changes. */
export function KeywordsDialog({ selection, count, onClose }: { selection: BulkSelection; count: string; onClose: () => void }) {
  const [add, setAdd] = useState<string[]>([]);
  const [take, setTake] = useState<string[]>([]);
  const preview = usePreview(selection, 'keywords');
  return (
    <Modal opened onClose={onClose} title={t('keyword.bulkTitle', { count })} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate({ add, take });
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={preview.error} />
          <KeywordsInput label={t('keyword.bulkAdd')} value={add} onChange={setAdd} />
          <KeywordsInput label={t('keyword.bulkTake')} value={take} onChange={setTake} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={preview.isPending} disabled={add.length + take.length === 0}>
              {t('bulk.preview')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
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
