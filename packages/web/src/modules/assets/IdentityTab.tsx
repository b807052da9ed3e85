import { getAssetIdentity } from '@muster/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { IdentityKeys } from '../../ui/IdentityKeys.tsx';
import { Facts, Loaded, Section } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { IdentityDecisions } from './IdentityDecisions.tsx';

/** Why these reports are this asset: the keys each source gave, their quality, every decision with its reasons, and the ways to correct it. */
export function IdentityTab({ id, mayDecide, merged }: { id: string; mayDecide: boolean; merged: boolean }) {
  const query = useQuery(apiQuery(getAssetIdentity, { params: { id } }));
  return (
    <Loaded query={query}>
      {(identity) => (
        <>
          {identity.observations.length === 0 && !merged && <EmptyState title={t('identity.none')}>{t('identity.noneHint')}</EmptyState>}
          {identity.observations.map((o) => (
            <Section key={o.id} title={`${wordOf(o.source)}: ${o.nativeId}`}>
              <Facts
                items={[
                  [t('identity.agent'), o.agentVersion ?? <Unknown />],
                  [t('identity.tag'), o.tag ?? <Unknown word={t('none.none')} />],
                  [t('identity.first'), <TimeAgo key="f" at={o.firstReceivedAt} />],
                  [t('identity.last'), <TimeAgo key="l" at={o.lastReceivedAt} />],
                  [t('identity.full'), o.lastFullAt ? <TimeAgo key="u" at={o.lastFullAt} /> : <Unknown key="u" word={t('none.never')} />],
                  [t('identity.reports'), number(o.reports)],
                ]}
              />
              <IdentityKeys observation={o} />
            </Section>
          ))}
          <IdentityDecisions id={id} observations={identity.observations} mayDecide={mayDecide} merged={merged} />
          {identity.decisions.length > 0 && (
            <Section title={t('identity.decisions')}>
              <ol className="timeline">
                {identity.decisions.map((d) => (
                  <li key={d.id}>
                    <p className="timeline-summary">
                      <StateBadge value={d.outcome} tone={d.outcome === 'conflict' ? 'bad' : d.outcome === 'hold' ? 'warning' : 'info'} />{' '}
                      <span className="dimmed">{t('identity.rule', { rule: wordOf(`rule_${d.rule}`) })}</span>
                    </p>
                    <ul className="reasons">
                      {d.reasons.map((r) => (
                        <li key={r}>{r}</li>
                      ))}
                      {d.candidates.map((c) => (
                        <li key={c.assetId}>
                          <AppLink to={`/assets/${c.assetId}`}>{t('identity.candidate')}</AppLink>:{' '}
                          {t('identity.agrees', { keys: c.agrees.join(', ') || t('none.nothing') })};{' '}
                          {t('identity.contradicts', { keys: c.contradicts.join(', ') || t('none.nothing') })}
                        </li>
                      ))}
                    </ul>
                    <p className="timeline-meta">
                      <TimeAgo at={d.at} />
                    </p>
                  </li>
                ))}
              </ol>
            </Section>
          )}
        </>
      )}
    </Loaded>
  );
}
