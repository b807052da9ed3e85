import { Popover } from '@mantine/core';
import type { FieldProvenance } from '@muster/api/assets';
import { useRef, useState, type ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { TimeAgo } from './ValueCell.tsx';
import { wordOf } from './value-words.ts';

const openDelayMs = 250;
const closeDelayMs = 120;

/** A value that says where it comes from: source, age, why it won, and what the others said. Opens by pointer, by focus and by a press. */
export function Provenance({
  label,
  provenance,
  children,
}: {
  label: string;
  provenance: FieldProvenance | undefined;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (!provenance || provenance.source === null) return <>{children}</>;
  const soon = (next: boolean): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(next), next ? openDelayMs : closeDelayMs);
  };
  const source = provenance.manual ? t('provenance.manual') : wordOf(provenance.source);
  return (
    <Popover width={340} shadow="sm" position="bottom-start" withinPortal={false} opened={open} onChange={setOpen} withRoles={false}>
      <Popover.Target>
        <span className="provenance" onMouseEnter={() => soon(true)} onMouseLeave={() => soon(false)}>
          {children}
          <button
            type="button"
            className="provenance-source"
            aria-expanded={open}
            onFocus={() => soon(true)}
            onBlur={() => soon(false)}
            onClick={() => setOpen(true)}
          >
            <span className="visually-hidden">{t('provenance.of', { field: label })}: </span>
            {source}
          </button>
        </span>
      </Popover.Target>
      <Popover.Dropdown onMouseEnter={() => soon(true)} onMouseLeave={() => soon(false)}>
        <ProvenanceCard provenance={provenance} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ProvenanceCard({ provenance }: { provenance: FieldProvenance }) {
  return (
    <>
      <p className="provenance-line">
        <strong>
          {provenance.manual
            ? t('provenance.setBy', { actor: provenance.actor ?? t('none.unknown') })
            : t('provenance.from', { source: wordOf(provenance.source ?? '') })}
        </strong>
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
    </>
  );
}
