import { Anchor, Button, FileButton, Progress } from '@mantine/core';
import { type Attachment, shownKinds } from '@muster/api/attachments';
import { urlOf } from '@muster/api/client';
import { useState } from 'react';
import { call, refreshAll } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { quantity } from '../../ui/formatting.ts';
import { ProblemNotice, problemTitle } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import type { AttachedProps } from './FilesAndNotes.tsx';
import { sendFile } from './send-file.ts';

interface Sending {
  key: string;
  name: string;
  /** How much of it is on its way, from 0 to 1. */
  share: number;
  error: unknown;
}

/** The files of a record: what is there, what is on its way, and what was refused with the reason. */
export function Files({ routes, id, mayEdit, files }: AttachedProps & { files: Attachment[] }) {
  const { sending, send } = useSending((name) => urlOf(routes.upload, { id }, { name }));
  const remove = useChange((one: Attachment) => call(routes.remove, { params: { id, attachmentId: one.id } }), {
    message: t('attached.removed'),
  });
  return (
    <Section
      title={t('attached.files')}
      actions={
        mayEdit && (
          <FileButton multiple onChange={(chosen) => void send(chosen)}>
            {(props) => (
              <Button variant="default" size="xs" {...props}>
                {t('attached.add')}
              </Button>
            )}
          </FileButton>
        )
      }
    >
      <ProblemNotice error={remove.error} />
      {sending.map((one) =>
        one.error ? (
          <ProblemNotice key={one.key} error={one.error} title={`${one.name}: ${problemTitle(one.error)}`} />
        ) : (
          <p key={one.key}>
            {t('attached.sending', { name: one.name })}
            <Progress value={one.share * 100} aria-label={t('attached.sending', { name: one.name })} />
          </p>
        ),
      )}
      {files.length === 0 && sending.every((one) => one.error) && <p className="dimmed">{t('attached.noFiles')}</p>}
      <ul className="attached-files">
        {files.map((file) => {
          const params = { id, attachmentId: file.id };
          return (
            <li key={file.id}>
              <div>
                <Anchor inherit href={urlOf(routes.download, params, {})} download>
                  {file.name}
                </Anchor>
                <div className="timeline-meta">
                  {wordOf(file.kind)} · {quantity(file.bytes, 'B')} · {file.uploadedBy} · <TimeAgo at={file.createdAt} />
                </div>
                {shownKinds.includes(file.kind) && (
                  <img className="attached-picture" src={urlOf(routes.download, params, { show: 'true' })} alt={file.name} loading="lazy" />
                )}
              </div>
              {mayEdit && (
                <ConfirmButton
                  label={t('attached.remove')}
                  question={t('attached.removeQuestion', { name: file.name })}
                  pending={remove.isPending}
                  onConfirm={() => remove.mutate(file)}
                />
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Sends files one after the other. What went through is in the list of the record; what was refused stays, with the reason, until the next. */
function useSending(urlFor: (name: string) => string) {
  const [sending, setSending] = useState<Sending[]>([]);
  const put = (key: string, patch: Partial<Sending>): void =>
    setSending((all) => all.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  const send = async (files: File[]): Promise<void> => {
    const waiting = files.map((file) => ({ key: crypto.randomUUID(), file }));
    setSending((all) => [
      ...all.filter((one) => !one.error),
      ...waiting.map(({ key, file }) => ({ key, name: file.name, share: 0, error: null })),
    ]);
    for (const { key, file } of waiting) {
      try {
        await sendFile(urlFor(file.name), file, (share) => put(key, { share }));
        await refreshAll();
        setSending((all) => all.filter((one) => one.key !== key));
      } catch (error) {
        put(key, { error });
      }
    }
  };
  return { sending, send };
}
