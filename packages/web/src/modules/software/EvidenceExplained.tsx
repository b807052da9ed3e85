import { getEvidence } from '@muster/api/software';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { Facts, Loaded, Section } from '../../ui/RecordPage.tsx';
import { RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** A raw title and how it got its meaning, step by step. */
export function EvidenceExplained({ id, standalone = false }: { id: number; standalone?: boolean }) {
  const query = useQuery(apiQuery(getEvidence, { params: { id } }));
  return (
    <Loaded query={query}>
      {(e) => (
        <>
          <Section
            title={t('evidence.raw')}
            actions={standalone ? undefined : <AppLink to={`/evidence/${e.id}`}>{t('evidence.open')}</AppLink>}
          >
            <Facts
              items={[
                [
                  t('evidence.name'),
                  <span key="n" className="mono wrap">
                    {e.name}
                  </span>,
                ],
                [t('evidence.version'), e.version ?? <Unknown />],
                [t('evidence.publisher'), e.publisher ?? <Unknown />],
                [t('evidence.channel'), wordOf(e.channel)],
                [t('evidence.arch'), e.arch ?? <Unknown />],
                [
                  t('evidence.code'),
                  e.code ? (
                    <span key="c" className="mono wrap">
                      {e.code}
                    </span>
                  ) : (
                    <Unknown key="c" word={t('none.none')} />
                  ),
                ],
              ]}
            />
          </Section>
          <Section title={t('evidence.meaning')}>
            <Facts
              items={[
                [
                  t('evidence.product'),
                  e.recognition.product ? (
                    <RefLink key="p" to="products" value={e.recognition.product} />
                  ) : e.recognition.partOf ? (
                    <span key="p">
                      {t('evidence.partOf')} <RefLink to="products" value={e.recognition.partOf} />
                    </span>
                  ) : (
                    <Unknown key="p" word={t('none.unrecognised')} />
                  ),
                ],
                [t('evidence.kind'), wordOf(e.recognition.kind)],
                [t('evidence.edition'), e.recognition.edition ?? <Unknown word={t('none.none')} />],
                [t('evidence.release'), e.recognition.release ?? <Unknown word={t('none.none')} />],
                [t('evidence.rule'), <code key="r">{e.recognition.rule}</code>],
                [t('evidence.confidence'), wordOf(e.recognition.confidence)],
                [
                  t('evidence.ruleset'),
                  <span key="s">
                    {e.recognition.ruleset}
                    {!e.current && <> · {t('evidence.outdated')}</>}
                  </span>,
                ],
                [t('evidence.recognisedAt'), <TimeAgo key="a" at={e.recognition.at} />],
              ]}
            />
          </Section>
          <Section title={t('evidence.steps')}>
            <ol className="steps">
              {e.steps.map((step) => (
                <li key={`${step.stage}:${step.text}`}>
                  {step.text}
                  {step.before !== undefined && step.after !== undefined && (
                    <p className="step-change">
                      <code>{step.before}</code> → <code>{step.after}</code>
                    </p>
                  )}
                </li>
              ))}
            </ol>
          </Section>
        </>
      )}
    </Loaded>
  );
}
