import './handover.css';
import { Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import {
  type AcceptanceText,
  acceptanceTextListRoutes,
  createAcceptanceText,
  getAcceptanceText,
  type HandoverLanguage,
  handoverLanguages,
  putTextInForce,
} from '@muster/api/handover';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime } from '../../ui/formatting.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { ListPage, Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';

const languageWord = (language: HandoverLanguage): string => t(language === 'de' ? 'language.de' : 'language.en');

export function AcceptanceTextsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  const [making, setMaking] = useState(false);
  return (
    <ListPage
      name={t('nav.acceptanceTexts')}
      line={t('texts.line')}
      actions={can('settings:write') && <Button onClick={() => setMaking(true)}>{t('texts.new')}</Button>}
    >
      <ResourceTable
        resource={acceptanceTextListRoutes.resource}
        source={acceptanceTextListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('texts.empty')} />}
      />
      {making && <VersionDialog onClose={() => setMaking(false)} onSaved={(text) => follow(`/acceptance-texts/${text.id}`)} />}
    </ListPage>
  );
}

export function AcceptanceTextPage() {
  const query = useQuery(apiQuery(getAcceptanceText, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(text) => <TextRecord key={text.id} text={text} />}</Loaded>;
}

function TextRecord({ text }: { text: AcceptanceText }) {
  const { can } = useSession();
  const follow = useFollow();
  const [making, setMaking] = useState(false);
  const publish = useChange(() => call(putTextInForce, { params: { id: text.id } }), { message: t('texts.published') });
  return (
    <PlainPage
      name={text.title}
      back={{ to: '/acceptance-texts', label: t('nav.acceptanceTexts') }}
      line={[
        t('texts.version', { language: languageWord(text.language), version: text.textVersion }),
        text.inForce ? t('texts.isInForce') : t('texts.notInForce'),
        `${text.createdBy}, ${absoluteTime(text.createdAt)}`,
      ].join(' · ')}
      actions={
        can('settings:write') && (
          <>
            {!text.inForce && (
              <Button loading={publish.isPending} onClick={() => publish.mutate(undefined)}>
                {t('texts.publish')}
              </Button>
            )}
            <Button variant="default" onClick={() => setMaking(true)}>
              {t('texts.new')}
            </Button>
          </>
        )
      }
    >
      <ProblemNotice error={publish.error} />
      <p className="document-text" lang={text.language}>
        {text.body}
      </p>
      <p className="dimmed mono">SHA-256 {text.sha256}</p>
      {making && (
        <VersionDialog
          text={text}
          onClose={() => setMaking(false)}
          onSaved={(next) => {
            setMaking(false);
            follow(`/acceptance-texts/${next.id}`);
          }}
        />
      )}
    </PlainPage>
  );
}

/** The next version of a language's text, from scratch or from another version. */
function VersionDialog({
  text,
  onClose,
  onSaved,
}: {
  text?: AcceptanceText;
  onClose: () => void;
  onSaved: (text: AcceptanceText) => void;
}) {
  const form = useForm<{ language: HandoverLanguage; title: string; body: string; inForce: boolean }>({
    initialValues: {
      language: text?.language ?? 'en',
      title: text?.title ?? '',
      body: text?.body ?? '',
      inForce: true,
    },
  });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(async (body: ReturnType<typeof form.getValues>) => (await call(createAcceptanceText, { body })).data, {
    message: t('record.saved'),
    onDone: onSaved,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  return (
    <FormDialog
      title={t('texts.new')}
      size="lg"
      noValidate
      pending={save.isPending}
      problem={problem}
      onSubmit={form.onSubmit((values) => {
        setProblem(null);
        save.mutate(values);
      })}
      onClose={onClose}
    >
      <Select
        label={t('handover.language')}
        data={handoverLanguages.map((value) => ({ value, label: languageWord(value) }))}
        allowDeselect={false}
        {...form.getInputProps('language')}
      />
      <TextInput label={t('texts.title')} required maxLength={200} {...form.getInputProps('title')} />
      <Textarea label={t('texts.body')} required autosize minRows={6} maxRows={16} maxLength={20_000} {...form.getInputProps('body')} />
      <Checkbox label={t('texts.inForce')} {...form.getInputProps('inForce', { type: 'checkbox' })} />
    </FormDialog>
  );
}
