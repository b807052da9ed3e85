import { Stack } from '@mantine/core';
import { decideOfferedHandover, readOfferedHandover } from '@muster/api/handover';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { switchLanguage, t, useLanguage } from '../../app/messages.ts';
import { absoluteTime } from '../../ui/formatting.ts';
import { useDocumentTitle } from '../../ui/page-title.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { SignForm } from './SignForm.tsx';

/** What a signed link opens: that document, to be accepted or declined once, without an account. In the document's language. */
export function AcceptPage() {
  const { token = '' }: Record<string, string | undefined> = useParams({ strict: false });
  useLanguage();
  useDocumentTitle(t('accept.title'));
  // The decision uses the link up: what was read before must stay on the page.
  const query = useQuery({ ...apiQuery(readOfferedHandover, { params: { token } }), retry: false, staleTime: Infinity });
  const [decided, setDecided] = useState<'accepted' | 'declined' | null>(null);
  const { data } = query;
  const language = data?.language;
  useEffect(() => {
    if (language) void switchLanguage(language);
  }, [language]);
  return (
    <main className="entry" aria-busy={query.isPending}>
      <div className="entry-box">
        <h1>{data?.text.title ?? t('accept.title')}</h1>
        <ProblemNotice error={query.error} />
        {data && (
          <Stack gap="md">
            <p>
              {[data.organisation, data.number, absoluteTime(data.createdAt)].filter(Boolean).join(' · ')}
              <br />
              {t('accept.handedOver', { by: data.issuedBy, to: data.person })}
            </p>
            <ul>
              {data.assets.map((asset) => (
                <li key={`${asset.label} ${asset.tag} ${asset.serial}`}>
                  {[asset.label, asset.class, asset.model, asset.tag, asset.serial].filter(Boolean).join(' · ')}
                </li>
              ))}
            </ul>
            <p style={{ whiteSpace: 'pre-line' }}>{data.text.body}</p>
            {decided ? (
              <p role="status">{decided === 'accepted' ? t('accept.accepted') : t('accept.declined')}</p>
            ) : (
              <SignForm
                decide={async (body) => {
                  await call(decideOfferedHandover, { params: { token }, body });
                  setDecided(body.decision);
                }}
              />
            )}
          </Stack>
        )}
      </div>
    </main>
  );
}
