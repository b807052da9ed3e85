import { Button, Group, Switch } from '@mantine/core';
import { installationListRoutes } from '@muster/api/inventory';
import { positionListRoutes, entitlementListRoutes } from '@muster/api/licensing';
import { getProduct, patchProduct, productListRoutes, type ProductDetail } from '@muster/api/software';
import { useQuery } from '@tanstack/react-query';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, RecordPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { RefLink, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { ProductCell } from './ProductCell.tsx';

export function ProductsPage() {
  const [state, onState] = useUrlListState();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.products')}
      actions={
        <Button variant="default" onClick={() => follow('/evidence')}>
          {t('evidence.list')}
        </Button>
      }
    >
      <ResourceTable
        resource={productListRoutes.resource}
        source={productListRoutes}
        state={state}
        onState={onState}
        cells={{
          assets: (row) => (
            <AppLink className="number" to={listPath('/installations', `product:${quoted(row.name ?? '')}`)}>
              {number(row.assets ?? 0)}
            </AppLink>
          ),
        }}
        empty={<EmptyState title={t('product.empty')}>{t('software.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function InstallationsPage() {
  const [state, onState] = useUrlListState();
  return (
    <ListPage name={t('software.installationsTitle')}>
      <ResourceTable
        resource={installationListRoutes.resource}
        source={installationListRoutes}
        state={state}
        onState={onState}
        alsoFields={['evidence', 'asset', 'kind']}
        open={(row) => (row.asset ? `/assets/${row.asset.id}?tab=software` : null)}
        cells={{
          product: (row) => <ProductCell product={row.product} kind={row.kind} />,
          evidence: (row) => <AppLink to={`/evidence/${row.evidence}`}>{row.evidence}</AppLink>,
        }}
        empty={<EmptyState title={t('software.nothing')}>{t('software.emptyHint')}</EmptyState>}
      />
    </ListPage>
  );
}

export function ProductPage() {
  const query = useQuery(apiQuery(getProduct, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(product) => <Product product={product} />}</Loaded>;
}

function Product({ product }: { product: ProductDetail }) {
  const { can } = useSession();
  const follow = useFollow();
  const rows = listPath('/installations', `product:${quoted(product.name)}`);
  const licensable = useChange(
    (value: boolean) => call(patchProduct, { params: { id: product.id }, body: { licensable: value }, ifMatch: `"${product.version}"` }),
    { message: t('record.saved') },
  );
  return (
    <RecordPage
      name={product.name}
      title={product.name}
      back={{ to: '/products', label: t('nav.products') }}
      line={
        <span>
          <RefLink to="publishers" value={product.publisher} /> · {wordOf(product.category)}
          {product.kind !== 'product' && product.kind !== product.category && <> · {wordOf(product.kind)}</>} ·{' '}
          <AppLink to={rows}>{t('product.onAssets', { count: number(product.assets) })}</AppLink>
        </span>
      }
      actions={
        can('licences:write') && (
          <Button
            variant="default"
            onClick={() => follow(`/entitlements/new?product=${product.id}&name=${encodeURIComponent(product.name)}`)}
          >
            {t('entitlement.new')}
          </Button>
        )
      }
      tabs={[
        {
          key: 'overview',
          label: t('asset.overview'),
          content: () => (
            <>
              <ProblemNotice error={licensable.error} />
              {can('software:write') && (
                <Switch
                  size="sm"
                  mb="md"
                  label={t('product.licensable')}
                  description={t('product.licensableHint')}
                  checked={product.licensable}
                  disabled={licensable.isPending}
                  onChange={(event) => licensable.mutate(event.currentTarget.checked)}
                />
              )}
              <Facts
                items={[
                  [t('product.key'), <code key="k">{product.key}</code>],
                  [t('product.source'), product.source === 'local' ? t('product.local') : t('product.catalogue')],
                  [
                    t('software.assetsLabel'),
                    <AppLink key="a" to={rows}>
                      {number(product.assets)}
                    </AppLink>,
                  ],
                  [
                    t('software.installationsLabel'),
                    <AppLink key="i" to={rows}>
                      {number(product.installations)}
                    </AppLink>,
                  ],
                  ...(product.licensable ? [] : ([[t('product.licensable'), t('value.no')]] as [string, string][])),
                  ...(product.catalogue
                    ? ([[t('product.reviewed'), `${product.catalogue.reviewedOn} · ${product.catalogue.source}`]] as [string, string][])
                    : []),
                ]}
              />
              <References title={t('product.includes')} refs={product.includes} />
              <References title={t('product.includedIn')} refs={product.includedIn} />
              <Counted title={t('product.editions')} rows={product.editions} />
              <Counted title={t('product.releases')} rows={product.releases} />
            </>
          ),
        },
        {
          key: 'evidence',
          label: t('evidence.list'),
          content: () => (
            <>
              <SimpleTable
                title={t('product.topEvidence')}
                rows={product.topEvidence}
                columns={[
                  [t('evidence.name'), (e) => <AppLink to={`/evidence/${e.id}`}>{e.name}</AppLink>],
                  [t('evidence.version'), (e) => e.version ?? <Unknown />],
                  [t('evidence.edition'), (e) => e.edition ?? <Unknown word={t('none.none')} />],
                  [t('evidence.release'), (e) => e.release ?? <Unknown word={t('none.none')} />],
                  [t('evidence.rule'), (e) => <code>{e.rule}</code>],
                  [
                    t('software.installationsLabel'),
                    (e) => <AppLink to={listPath('/installations', `evidence:${e.id}`)}>{number(e.installations)}</AppLink>,
                    true,
                  ],
                ]}
              />
              <SimpleTable
                title={t('product.rules')}
                rows={product.rules}
                columns={[
                  [t('evidence.rule'), (r) => <code>{r.rule}</code>],
                  [t('product.source'), (r) => (r.local ? t('product.local') : t('product.catalogue'))],
                  [t('product.titles'), (r) => number(r.evidence), true],
                  [t('software.installationsLabel'), (r) => number(r.installations), true],
                ]}
              />
              {product.topEvidence.length === 0 && <EmptyState title={t('product.noEvidence')} />}
            </>
          ),
        },
        ...(can('licences:read')
          ? [{ key: 'licences', label: t('product.licences'), content: () => <Licences name={product.name} /> }]
          : []),
      ]}
    />
  );
}

function References({ title, refs }: { title: string; refs: { id: string; label: string }[] }) {
  if (refs.length === 0) return null;
  return (
    <Section title={title}>
      <Group gap="sm">
        {refs.map((ref) => (
          <RefLink key={ref.id} to="products" value={ref} />
        ))}
      </Group>
    </Section>
  );
}

function Counted({ title, rows }: { title: string; rows: ProductDetail['editions'] }) {
  return (
    <SimpleTable
      title={title}
      rows={rows}
      columns={[
        [title, (r) => r.value ?? <Unknown />],
        [t('product.titles'), (r) => number(r.evidence), true],
        [t('software.installationsLabel'), (r) => number(r.installations), true],
      ]}
    />
  );
}

function Licences({ name }: { name: string }) {
  const [positions, onPositions] = useLocalListState();
  const [entitlements, onEntitlements] = useLocalListState();
  const filter = `product:${quoted(name)}`;
  return (
    <>
      <Section title={t('nav.positions')}>
        <ResourceTable
          resource={positionListRoutes.resource}
          source={positionListRoutes}
          state={positions}
          onState={onPositions}
          fixedFilter={filter}
          embedded
          selectable={false}
          empty={<EmptyState title={t('position.empty')} />}
        />
      </Section>
      <Section title={t('nav.entitlements')}>
        <ResourceTable
          resource={entitlementListRoutes.resource}
          source={entitlementListRoutes}
          state={entitlements}
          onState={onEntitlements}
          fixedFilter={filter}
          embedded
          selectable={false}
          empty={<EmptyState title={t('entitlement.empty')} />}
        />
      </Section>
    </>
  );
}
