import { Autocomplete, Button, CloseButton } from '@mantine/core';
import { getAttached } from '@muster/api/attachments';
import { addKeywords, takeKeywords } from '@muster/api/keywords';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useKeywordWords } from './use-keyword-words.ts';

/** The keywords of an asset: each leads to all that have it. */
export function KeywordLine({ id, mayEdit }: { id: string; mayEdit: boolean }) {
  const { data } = useQuery(apiQuery(getAttached, { params: { id } }));
  const [adding, setAdding] = useState(false);
  const take = useChange((word: string) => call(takeKeywords, { body: { assets: [id], keywords: [word] } }));
  const keywords = data?.keywords ?? [];
  if (keywords.length === 0 && !mayEdit) return null;
  return (
    <>
      <span className="keywords">
        {keywords.map(({ id: key, name }) => (
          <span className="keyword" key={key}>
            <AppLink to={listPath('/assets', `keyword:${quoted(name)}`)}>{name}</AppLink>
            {mayEdit && (
              <CloseButton
                size={24}
                aria-label={t('keyword.takeOff', { name })}
                disabled={take.isPending}
                onClick={() => take.mutate(name)}
              />
            )}
          </span>
        ))}
        {mayEdit &&
          (adding ? (
            <AddKeyword id={id} has={keywords.map((one) => one.name)} onClose={() => setAdding(false)} />
          ) : (
            <Button variant="subtle" size="compact-xs" onClick={() => setAdding(true)}>
              {t('keyword.add')}
            </Button>
          ))}
      </span>
      <ProblemNotice error={take.error} />
    </>
  );
}

/** Stays open for the next word; Escape closes it. */
function AddKeyword({ id, has, onClose }: { id: string; has: string[]; onClose: () => void }) {
  const [text, setText] = useState('');
  const words = useKeywordWords(text).filter((word) => !has.includes(word));
  const add = useChange((word: string) => call(addKeywords, { body: { assets: [id], keywords: [word] } }), { onDone: () => setText('') });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) add.mutate(text);
      }}
    >
      <Autocomplete
        size="xs"
        autoFocus
        aria-label={t('keyword.new')}
        placeholder={t('keyword.new')}
        description={t('keyword.newHint')}
        inputWrapperOrder={['input', 'description', 'error']}
        data={words}
        value={text}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
        }}
        onOptionSubmit={(word) => add.mutate(word)}
        error={add.error ? <ProblemNotice error={add.error} /> : undefined}
        maxLength={60}
      />
    </form>
  );
}
