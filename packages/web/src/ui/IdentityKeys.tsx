import type { AssetIdentity } from '@muster/api/inventory';
import { t } from '../app/messages.ts';
import { SimpleTable } from './SimpleTable.tsx';
import { StateBadge } from './StateBadge.tsx';
import { wordOf } from './value-words.ts';

/** The identity keys of an observation and how far each is to be trusted. */
export function IdentityKeys({ observation }: { observation: AssetIdentity['observations'][number] }) {
  return (
    <SimpleTable
      title={t('identity.keysOf', { source: wordOf(observation.source) })}
      rows={observation.keys}
      columns={[
        [t('identity.kind'), (k) => wordOf(k.kind)],
        [
          t('identity.value'),
          (k) => (
            <div className="wrap">
              <span className="mono">{k.value}</span>
              {k.reason && <div className="dimmed">{k.reason}</div>}
            </div>
          ),
        ],
        [
          t('identity.quality'),
          (k) => <StateBadge value={k.quality} tone={k.quality === 'good' ? 'good' : k.quality === 'weak' ? 'neutral' : 'warning'} />,
        ],
      ]}
    />
  );
}
