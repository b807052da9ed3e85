import { Button, Modal } from '@mantine/core';
import { getObservationSection, type Hardware } from '@muster/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { quantity } from '../../ui/formatting.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

type Kept = Hardware['sections'][number];

/** The sections exactly as each source reported them, to open one by one. */
export function SectionDialogs({ id, sections }: { id: string; sections: Kept[] }) {
  const [open, setOpen] = useState<Kept | null>(null);
  return (
    <>
      <SimpleTable
        title={t('hardware.sections')}
        rows={sections}
        columns={[
          [
            t('hardware.section'),
            (s) => (
              <Button variant="subtle" size="compact-xs" onClick={() => setOpen(s)}>
                {wordOf(s.section)}
              </Button>
            ),
          ],
          [t('hardware.source'), (s) => wordOf(s.source)],
          [t('hardware.size'), (s) => quantity(s.bytes, 'B'), true],
          [t('hardware.changed'), (s) => <TimeAgo at={s.changedAt} />],
        ]}
      />
      <Modal
        opened={open !== null}
        onClose={() => setOpen(null)}
        title={open && wordOf(open.section)}
        size="xl"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {open && <SectionContent id={id} kept={open} />}
      </Modal>
    </>
  );
}

function SectionContent({ id, kept }: { id: string; kept: Kept }) {
  const query = useQuery(apiQuery(getObservationSection, { params: { id, observationId: kept.observationId, section: kept.section } }));
  return (
    <Loaded query={query}>
      {(section) => (
        <pre className="json" tabIndex={0}>
          {JSON.stringify(section.content, null, 2)}
        </pre>
      )}
    </Loaded>
  );
}
