import type { AssetRecord } from '@muster/api/assets';
import { t, type MessageKey } from '../../app/messages.ts';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** The sections of reports by what they tell. */
const parts = {
  system: { label: 'fresh.system', sections: ['operatingsystem'] },
  hardware: { label: 'fresh.hardware', sections: ['bios', 'hardware', 'cpus', 'memories'] },
  disks: { label: 'fresh.disks', sections: ['storages', 'drives'] },
  network: { label: 'fresh.network', sections: ['networks'] },
  software: { label: 'fresh.software', sections: ['softwares'] },
  users: { label: 'fresh.users', sections: ['users'] },
} as const satisfies Record<string, { label: MessageKey; sections: readonly string[] }>;
export type AgePart = keyof typeof parts;

/** The newest telling of any section of a part. */
function newest(asset: AssetRecord, part: AgePart): AssetRecord['sections'][number] | null {
  const names: readonly string[] = parts[part].sections;
  const told = asset.sections.filter((s) => names.includes(s.section));
  return told.reduce<(typeof told)[number] | null>((best, s) => (best === null || s.seenAt > best.seenAt ? s : best), null);
}

/** How old what is known of each part is, and who told it: one part can be days older than another. */
export function SectionAges({ asset, only, inline = false }: { asset: AssetRecord; only?: readonly AgePart[]; inline?: boolean }) {
  const shown = (only ?? (Object.keys(parts) as AgePart[])).flatMap((part) => {
    const told = newest(asset, part);
    return told ? [{ part, told }] : [];
  });
  if (shown.length === 0) return null;
  return (
    <ul className={inline ? 'section-ages inline' : 'section-ages plain'} aria-label={t('fresh.title')}>
      {shown.map(({ part, told }) => (
        <li key={part}>
          {t(parts[part].label)}{' '}
          <span className="dimmed">
            <TimeAgo at={told.seenAt} /> · {wordOf(told.source)}
          </span>
        </li>
      ))}
    </ul>
  );
}
