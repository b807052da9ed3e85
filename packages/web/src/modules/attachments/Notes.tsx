import { Button, Group, Textarea } from '@mantine/core';
import type { Note } from '@muster/api/attachments';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import type { AttachedProps } from './FilesAndNotes.tsx';

/** The notes of a record, newest first, with who wrote them and what they said before. */
export function Notes({ notes, ...props }: AttachedProps & { notes: Note[] }) {
  const { routes, id, mayEdit } = props;
  const [added, setAdded] = useState(0);
  return (
    <Section title={t('attached.notes')}>
      {mayEdit && (
        <NoteForm
          // Empty again after each note.
          key={added}
          label={t('attached.newNote')}
          button={t('attached.addNote')}
          text=""
          write={(text) => call(routes.addNote, { params: { id }, body: { text } })}
          onDone={() => setAdded(added + 1)}
        />
      )}
      {notes.length === 0 && <p className="dimmed">{t('attached.noNotes')}</p>}
      <ul className="attached-notes">
        {notes.map((note) => (
          <li key={note.id}>
            <OneNote {...props} note={note} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function OneNote({ routes, id, mayEdit, note }: AttachedProps & { note: Note }) {
  const [editing, setEditing] = useState(false);
  const params = { id, noteId: note.id };
  const remove = useChange(() => call(routes.removeNote, { params }), { message: t('attached.removed') });
  if (editing)
    return (
      <NoteForm
        label={t('attached.editNote')}
        button={t('action.save')}
        text={note.text}
        write={(text) => call(routes.editNote, { params, body: { text }, ifMatch: `"${note.version}"` })}
        onDone={() => setEditing(false)}
        onCancel={() => setEditing(false)}
      />
    );
  return (
    <>
      <ProblemNotice error={remove.error} />
      <p className="wrap">{note.text}</p>
      <div className="timeline-meta">
        {note.author} · <TimeAgo at={note.createdAt} />
        {note.editedAt && (
          <>
            {' · '}
            {t('attached.edited', { who: note.editedBy ?? '' })} <TimeAgo at={note.editedAt} />
          </>
        )}
        {mayEdit && (
          <>
            {' '}
            <Button variant="subtle" size="compact-xs" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <ConfirmButton
              label={t('attached.remove')}
              question={t('attached.removeNoteQuestion')}
              pending={remove.isPending}
              onConfirm={() => remove.mutate(undefined)}
            />
          </>
        )}
      </div>
      {note.earlier.length > 0 && (
        <details>
          <summary>{tn('attached.earlier', note.earlier.length)}</summary>
          {note.earlier.map((before) => (
            <blockquote key={before.at}>
              <p className="wrap">{before.text}</p>
              <div className="timeline-meta">
                {before.by} · <TimeAgo at={before.at} />
              </div>
            </blockquote>
          ))}
        </details>
      )}
    </>
  );
}

interface NoteFormProps {
  label: string;
  button: string;
  text: string;
  write: (text: string) => Promise<unknown>;
  onDone: () => void;
  onCancel?: () => void;
}

function NoteForm({ label, button, text, write, onDone, onCancel }: NoteFormProps) {
  const [draft, setDraft] = useState(text);
  const save = useChange(write, { message: t('record.saved'), onDone });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft.trim());
      }}
    >
      <ProblemNotice error={save.error} />
      <Textarea
        label={label}
        autosize
        minRows={2}
        maxRows={12}
        maxLength={10_000}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
      <Group justify="flex-end" my="xs">
        {onCancel && (
          <Button variant="default" size="xs" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        )}
        <Button type="submit" size="xs" loading={save.isPending} disabled={draft.trim() === ''}>
          {button}
        </Button>
      </Group>
    </form>
  );
}
