import { Button, Modal, SegmentedControl } from '@mantine/core';
import { assetSoftwareResource, getAssetSoftware } from '@muster/api/inventory';
import { useMemo, useState } from 'react';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/RecordPage.tsx';
import { useLocalListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import type { RowOf } from '../../ui/table/use-rows.ts';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { ProductCell } from '../software/ProductCell.tsx';
import { EvidenceExplained } from '../software/EvidenceExplained.tsx';

type Installation = RowOf<typeof assetSoftwareResource>;
type Show = 'current' | 'removed' | 'all';
const needed: (keyof typeof assetSoftwareResource.fields)[] = [
  'evidence',
  'source',
  'firstSeen',
  'lastSeen',
  'lastUsed',
  'version',
  'publisher',
  'kind',
];

/** The titles of one asset; each says why it is there. */
export function SoftwareTab({ id }: { id: string }) {
  const [state, onState] = useLocalListState();
  const [show, setShow] = useState<Show>('current');
  const [why, setWhy] = useState<Installation | null>(null);
  const { can } = useSession();
  const source = useMemo(() => ({ list: getAssetSoftware, params: { id }, query: { show } }), [id, show]);
  return (
    <>
      <SegmentedControl
        size="xs"
        mb="xs"
        aria-label={t('software.show')}
        value={show}
        onChange={(value) => setShow(value)}
        data={[
          { value: 'current', label: t('software.current') },
          { value: 'removed', label: t('software.removed') },
          { value: 'all', label: t('software.all') },
        ]}
      />
      <ResourceTable
        resource={assetSoftwareResource}
        source={source}
        state={state}
        onState={onState}
        embedded
        alsoFields={needed}
        open={() => null}
        cells={{ product: (row) => <ProductCell product={row.product} kind={row.kind} /> }}
        rowActions={(row) => (
          <Button
            variant="subtle"
            size="compact-xs"
            onClick={() => setWhy(row)}
            aria-label={t('software.whyTitle', { title: row.title ?? '' })}
          >
            {t('software.why')}
          </Button>
        )}
        empty={<EmptyState title={show === 'removed' ? t('software.nothingRemoved') : t('software.nothing')} />}
      />
      <Modal
        opened={why !== null}
        onClose={() => setWhy(null)}
        size="lg"
        title={t('software.whyTitle', { title: why?.title ?? '' })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {why && (
          <>
            <Facts
              items={[
                [t('software.reportedBy'), why.source ? wordOf(why.source) : <Unknown />],
                [t('software.firstSeen'), why.firstSeen ? <TimeAgo at={why.firstSeen} /> : <Unknown />],
                [t('software.lastSeen'), why.lastSeen ? <TimeAgo at={why.lastSeen} /> : <Unknown />],
                [t('software.lastUsed'), why.lastUsed ? <TimeAgo at={why.lastUsed} /> : <Unknown />],
                [t('software.rawVersion'), why.version ?? <Unknown />],
              ]}
            />
            {can('software:read') && why.evidence !== undefined && why.evidence !== null && <EvidenceExplained id={why.evidence} />}
          </>
        )}
      </Modal>
    </>
  );
}
