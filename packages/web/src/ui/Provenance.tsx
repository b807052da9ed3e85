import { HoverCard, UnstyledButton } from '@mantine/core';
import type { FieldProvenance } from '@muster/api/assets';
import type { ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { TimeAgo } from './ValueCell.tsx';
import { wordOf } from './value-words.ts';

/** A value that says where it comes from: source, age, why it won, and what the others said. Opens by pointer and by focus. */
export function Provenance({ label, provenance, children }: { label: string; provenance: FieldProvenance | undefined; children: ReactNode }) {
  if (!provenance || provenance.source === null) return <>{children}</>;
  return (
    <HoverCard width={340} shadow="sm" position="bottom-start" openDelay={250} withinPortal>
      <HoverCard.Target eventPropsWrapperName="targetProps">
        <UnstyledButton component="span" tabIndex={0} role="button" aria-label={t('provenance.of', { field: label })} className="provenance">
          {children}
          <span className="provenance-source">{provenance.manual ? t('provenance.manual') : wordOf(provenance.source)}</span>
        </UnstyledButton>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <p className="provenance-line">
          <strong>{provenance.manual ? t('provenance.setBy', { actor: provenance.actor ?? t('none.unknown') }) : t('provenance.from', { source: wordOf(provenance.source) })}</strong>
          {provenance.observedAt && (
            <>
              {' · '}
              <TimeAgo at={provenance.observedAt} />
            </>
          )}
        </p>
        {provenance.reason && <p className="provenance-line dimmed">{provenance.reason}</p>}
        {provenance.losing.length > 0 && (
          <>
            <p className="provenance-head">{t('provenance.losing')}</p>
            <ul className="provenance-losing">
              {provenance.losing.map((one) => (
                <li key={`${one.source}:${String(one.value)}`}>
                  <span>{one.value === null ? t('none.unknown') : String(one.value)}</span>
                  <span className="dimmed">
                    {wordOf(one.source)} · <TimeAgo at={one.observedAt} /> · {one.reason}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
