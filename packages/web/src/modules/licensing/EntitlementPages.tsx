import { Button } from '@mantine/core';
import { entitlementListRoutes, getEntitlement, positionListRoutes, retireEntitlement, type Entitlement } from '@muster/api/licensing';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { number, plainDate } from '../../ui/formatting.ts';
import { listPath, quoted } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { useRecordId } from '../../ui/record-id.ts';
import { Facts, ListPage, Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { useLocalListState, useUrlListState } from '../../ui/table/list-state.ts';
import { ResourceTable } from '../../ui/table/ResourceTable.tsx';
import { MoneyValue, RefLink, TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { EntitlementForm } from './EntitlementForm.tsx';

export function EntitlementsPage() {
  const [state, onState] = useUrlListState();
  const { can } = useSession();
  const follow = useFollow();
  return (
    <ListPage
      name={t('nav.entitlements')}
      line={t('entitlement.line')}
      actions={can('licences:write') && <Button onClick={() => follow('/entitlements/new')}>{t('entitlement.new')}</Button>}
    >
      <ResourceTable
        resource={entitlementListRoutes.resource}
        source={entitlementListRoutes}
        state={state}
        onState={onState}
        alsoFields={['product']}
        empty={
          <EmptyState
            title={t('entitlement.empty')}
            action={can('licences:write') && <Button onClick={() => follow('/entitlements/new')}>{t('entitlement.new')}</Button>}
          >
            {t('entitlement.emptyHint')}
          </EmptyState>
        }
      />
    </ListPage>
  );
}

export function NewEntitlementPage() {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const follow = useFollow();
  const product = search['product'] && search['name'] ? { id: search['product'], label: search['name'] } : null;
  return (
    <PlainPage name={t('entitlement.new')} line={t('entitlement.newHint')} back={{ to: '/entitlements', label: t('nav.entitlements') }}>
      <EntitlementForm
        product={product}
        onSaved={(saved) => follow(`/entitlements/${saved.id}`)}
        onCancel={() => follow('/entitlements')}
      />
    </PlainPage>
  );
}

export function EntitlementPage() {
  const query = useQuery(apiQuery(getEntitlement, { params: { id: useRecordId() } }));
  return <Loaded query={query}>{(entitlement) => <EntitlementRecord key={entitlement.version} entitlement={entitlement} />}</Loaded>;
}

function EntitlementRecord({ entitlement }: { entitlement: Entitlement }) {
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState(false);
  const retire = useChange(() => call(retireEntitlement, { params: { id: entitlement.id }, ifMatch: `"${entitlement.version}"` }), {
    message: t('entitlement.retired'),
    onDone: () => follow('/entitlements'),
  });
  const mayWrite = can('licences:write') && entitlement.status !== 'retired';
  const e = entitlement;
  const quantity = e.quantity === null ? t('none.unlimited') : number(e.quantity);
  const none = <Unknown word={t('none.none')} />;
  return (
    <PlainPage
      name={e.purchaseReference ? `${e.product.label} · ${e.purchaseReference}` : e.product.label}
      title={e.product.label}
      back={{ to: '/entitlements', label: t('nav.entitlements') }}
      line={
        <>
          <StateBadge value={e.status} />
          <span>
            {quantity} × {wordOf(e.metric)}
            {e.purchaseReference && <> · {e.purchaseReference}</>}
          </span>
        </>
      }
      actions={
        mayWrite &&
        !editing && (
          <>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('action.edit')}
            </Button>
            <ConfirmButton
              variant="default"
              label={t('entitlement.retire')}
              question={t('entitlement.retireQuestion')}
              pending={retire.isPending}
              onConfirm={() => retire.mutate(undefined)}
            />
          </>
        )
      }
    >
      <ProblemNotice error={retire.error} />
      {editing ? (
        <EntitlementForm entitlement={e} product={e.product} onSaved={() => setEditing(false)} onCancel={() => setEditing(false)} />
      ) : (
        <Facts
          items={[
            [t('evidence.product'), <RefLink key="p" to="products" value={e.product} />],
            [t('entitlement.publisher'), <RefLink key="v" to="publishers" value={e.publisher} />],
            [t('entitlement.metric'), wordOf(e.metric)],
            [t('entitlement.quantity'), quantity],
            [t('evidence.edition'), e.edition ?? <Unknown word={t('none.any')} />],
            [t('entitlement.pool'), e.pool],
            [t('entitlement.starts'), e.startsOn ? plainDate(e.startsOn) : <Unknown word={t('none.always')} />],
            [t('entitlement.ends'), e.endsOn ? plainDate(e.endsOn) : <Unknown word={t('none.perpetual')} />],
            [t('entitlement.unitPrice'), e.unitPrice ? <MoneyValue key="u" value={e.unitPrice} /> : <Unknown key="u" />],
            [t('entitlement.totalPrice'), e.totalPrice ? <MoneyValue key="t" value={e.totalPrice} /> : <Unknown key="t" />],
            [t('entitlement.reference'), e.purchaseReference ?? none],
            [t('entitlement.supplier'), e.supplier ?? none],
            [t('entitlement.purchased'), e.purchasedOn ? plainDate(e.purchasedOn) : <Unknown />],
            [t('entitlement.agreement'), e.agreement ?? none],
            [
              t('asset.notes'),
              e.notes ? (
                <span key="n" className="wrap">
                  {e.notes}
                </span>
              ) : (
                none
              ),
            ],
            [t('record.changed'), <TimeAgo key="c" at={e.updatedAt} />],
          ]}
        />
      )}
      <Positions product={e.product.label} />
    </PlainPage>
  );
}

function Positions({ product }: { product: string }) {
  const [state, onState] = useLocalListState();
  return (
    <Section
      title={t('entitlement.positions')}
      actions={<AppLink to={listPath('/positions', `product:${quoted(product)}`)}>{t('nav.positions')}</AppLink>}
    >
      <ResourceTable
        resource={positionListRoutes.resource}
        source={positionListRoutes}
        state={state}
        onState={onState}
        fixedFilter={`product:${quoted(product)}`}
        embedded
        selectable={false}
        empty={<EmptyState title={t('position.empty')}>{t('entitlement.positionSoon')}</EmptyState>}
      />
    </Section>
  );
}
