import './handover.css';
import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import {
  acceptHandover,
  declineHandover,
  getHandoverDocument,
  type HandoverDocument,
  handoverDocumentListRoutes,
  makeHandoverLink,
  withdrawHandover,
} from '@muster/api/handover';
import { getPerson } from '@muster/api/people';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { apiQuery, call, refreshAll } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { CopyBlock } from '../../ui/CopyBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { absoluteTime } from '../../ui/formatting.ts';
import { say } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { RefLink } from '../../ui/ValueCell.tsx';
import { SignForm } from './SignForm.tsx';

export function HandoverDocumentsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('nav.handoverDocuments')} line={t('handover.line')}>
      <ResourceTable
        resource={handoverDocumentListRoutes.resource}
        source={handoverDocumentListRoutes}
        state={state}
        onState={onState}
        selectable={false}
        empty={<EmptyState title={t('handover.empty')}>{t('handover.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function HandoverDocumentPage() {
  const query = useQuery(apiQuery(getHandoverDocument, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(document) => <DocumentRecord document={document} />}</Loaded>;
}

function DocumentRecord({ document }: { document: HandoverDocument }) {
  const { can } = useSession();
  const [linking, setLinking] = useState(false);
  const params = { id: document.id };
  const withdraw = useChange(() => call(withdrawHandover, { params, body: {} }), { message: t('record.saved') });
  const mayDecide = can('assets:write') && document.state === 'pending';
  return (
    <PlainPage
      name={document.number}
      back={{ to: '/handover-documents', label: t('nav.handoverDocuments') }}
      line={
        <>
          <StateBadge value={document.state} />
          <RefLink to="people" value={document.person} />
        </>
      }
      actions={
        <>
          <Button
            component="a"
            variant="default"
            href={`/api/v1/handover-documents/${document.id}/pdf`}
            download={`${document.number}.pdf`}
          >
            {t('handover.pdf')}
          </Button>
          {mayDecide && (
            <>
              <Button variant="default" onClick={() => setLinking(true)}>
                {t('handover.linkMake')}
              </Button>
              <ConfirmButton
                variant="default"
                label={t('handover.withdraw')}
                question={t('handover.withdrawQuestion')}
                pending={withdraw.isPending}
                onConfirm={() => withdraw.mutate(undefined)}
              />
            </>
          )}
        </>
      }
    >
      <ProblemNotice error={withdraw.error} />
      <DocumentFacts document={document} />
      <SimpleTable
        title={t('handover.assets')}
        rows={document.assets}
        columns={[
          [t('custody.holder.asset'), (one) => (can('assets:read') ? <RefLink to="assets" value={one} /> : one.label)],
          [t('asset.class'), (one) => one.class],
          [t('asset.model'), (one) => one.model ?? '–'],
          [t('asset.tag'), (one) => one.tag ?? '–'],
          [t('asset.serial'), (one) => one.serial ?? '–'],
        ]}
      />
      <Section title={document.text.title}>
        <p className="document-text" lang={document.language}>
          {document.text.body}
        </p>
      </Section>
      {mayDecide && (
        <Section title={t('handover.signHere')}>
          <SignForm
            decide={(body) =>
              body.decision === 'accepted'
                ? call(acceptHandover, { params, body: { signature: body.signature } })
                : call(declineHandover, { params, body: {} })
            }
            onDone={() => {
              say(t('record.saved'));
              void refreshAll();
            }}
          />
        </Section>
      )}
      {linking && <LinkDialog document={document} onClose={() => setLinking(false)} />}
    </PlainPage>
  );
}

function DocumentFacts({ document }: { document: HandoverDocument }) {
  const { signature, link, decidedAt, decidedBy, reason, text } = document;
  return (
    <Facts
      items={[
        [t('handover.issuedBy'), document.issuedBy],
        [t('handover.created'), absoluteTime(document.createdAt)],
        [t('handover.version'), `${text.textVersion} (${t(document.language === 'de' ? 'language.de' : 'language.en')})`],
        ['SHA-256', <span key="h" className="mono">{`${text.sha256.slice(0, 16)}…`}</span>],
        ...(link
          ? ([[t('handover.link'), t('handover.linkOpen', { by: link.createdBy, until: absoluteTime(link.expiresAt) })]] as [
              string,
              ReactNode,
            ][])
          : []),
        ...(decidedAt
          ? ([
              [t('handover.decided'), absoluteTime(decidedAt)],
              [t('handover.decidedBy'), decidedBy ?? '–'],
            ] as [string, ReactNode][])
          : []),
        ...(reason ? ([[t('handover.reason'), reason]] as [string, ReactNode][]) : []),
        ...(signature
          ? ([
              [
                t('handover.signature'),
                signature.png ? (
                  <img
                    key="s"
                    className="signature"
                    style={{ maxWidth: 240 }}
                    src={`data:image/png;base64,${signature.png}`}
                    alt={t('handover.signatureOf', { name: signature.name })}
                  />
                ) : (
                  t('handover.typed', { name: signature.name })
                ),
              ],
            ] as [string, ReactNode][])
          : []),
      ]}
    />
  );
}

/** Makes the link of a document, to be copied or mailed; it is shown only here. */
function LinkDialog({ document, onClose }: { document: HandoverDocument; onClose: () => void }) {
  const [days, setDays] = useState<number | string>(14);
  const person = useQuery(apiQuery(getPerson, { params: { id: document.person.id } })).data;
  const make = useChange(async () => (await call(makeHandoverLink, { params: { id: document.id }, body: { days: Number(days) } })).data);
  const url = make.data?.url;
  const mail = new URLSearchParams({
    subject: t('handover.mailSubject', { number: document.number }),
    body: t('handover.mailBody', { number: document.number, url: url ?? '' }),
  })
    .toString()
    // A mail program reads a plus as a plus (RFC 6068, 2).
    .replaceAll('+', '%20');
  return (
    <Modal opened onClose={onClose} title={t('handover.linkMake')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="sm">
        <ProblemNotice error={make.error} />
        <Text size="sm">{t('handover.linkHint')}</Text>
        {url ? (
          <CopyBlock text={url} label={t('handover.linkUrl')} />
        ) : (
          <NumberInput label={t('handover.linkDays')} min={1} max={60} allowDecimal={false} value={days} onChange={setDays} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {url ? t('action.close') : t('action.cancel')}
          </Button>
          {url ? (
            <Button component="a" href={`mailto:${encodeURIComponent(person?.email ?? '')}?${mail}`}>
              {t('handover.mail')}
            </Button>
          ) : (
            <Button loading={make.isPending} onClick={() => make.mutate(undefined)}>
              {t('handover.linkMake')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
