import { Kbd, Modal } from '@mantine/core';
import { t } from './messages.ts';
import { useAllShortcuts, type Shortcut } from './shortcuts.ts';

/** The keys that work on this page now. */
function Keys({ onClose }: { onClose: () => void }) {
  const groups = Map.groupBy(useAllShortcuts(), (s) => s.group);
  const extra: Pick<Shortcut, 'keys' | 'label'> = { keys: 'Ctrl K', label: t('shell.search') };
  return (
    <Modal opened onClose={onClose} title={t('keys.help')} size="lg" closeButtonProps={{ 'aria-label': t('action.close') }}>
      <div className="keys">
        {[...groups].map(([group, all]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {[...(group === t('keys.everywhere') ? [extra] : []), ...uniqueBy(all)].map((s) => (
                <div key={s.keys}>
                  <dt>
                    {s.keys.split(' ').map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dt>
                  <dd>{s.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

function uniqueBy(all: Shortcut[]): Shortcut[] {
  return [...new Map(all.map((s) => [s.keys, s])).values()];
}

// Loaded lazily, which needs a default export.
// oxlint-disable-next-line import/no-default-export
export default Keys;
