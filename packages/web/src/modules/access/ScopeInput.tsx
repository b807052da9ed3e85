import { Select } from '@mantine/core';
import { listAssetClasses } from '@muster/api/asset-classes';
import type { Ref } from '@muster/api/fields';
import { orgUnitListRoutes } from '@muster/api/people';
import type { Scope } from '@muster/api/permissions';
import { placeListRoutes } from '@muster/api/places';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery } from '../../app/api.ts';
import { t, type MessageKey } from '../../app/messages.ts';
import { RefSelect } from '../../ui/RefSelect.tsx';

const kinds = ['all', 'org_unit', 'place', 'asset_class', 'own'] as const;

/** Where a role or token holds. Null while the choice is not complete. */
export function ScopeInput({ onChange, error }: { onChange: (scope: Scope | null) => void; error?: React.ReactNode }) {
  const [kind, setKind] = useState<Scope['kind']>('all');
  const [ref, setRef] = useState<Ref | null>(null);
  const classes = useQuery({ ...apiQuery(listAssetClasses, {}), enabled: kind === 'asset_class' });
  const choose = (next: Scope['kind']): void => {
    setKind(next);
    setRef(null);
    onChange(next === 'all' || next === 'own' ? { kind: next } : null);
  };
  const chooseRef = (value: Ref | null): void => {
    setRef(value);
    onChange(value && (kind === 'org_unit' || kind === 'place') ? { kind, id: value.id } : null);
  };
  return (
    <>
      <Select
        label={t('scope.where')}
        allowDeselect={false}
        data={kinds.map((k) => ({ value: k, label: t(`scope.${k}` as MessageKey) }))}
        value={kind}
        onChange={(value) => value && choose(value)}
        error={error}
      />
      {kind === 'org_unit' && <RefSelect routes={orgUnitListRoutes} label={t('asset.orgUnit')} value={ref} onChange={chooseRef} />}
      {kind === 'place' && <RefSelect routes={placeListRoutes} label={t('asset.place')} value={ref} onChange={chooseRef} />}
      {kind === 'asset_class' && (
        <Select
          label={t('asset.class')}
          searchable
          data={(classes.data?.items ?? []).map((c) => ({ value: c.key, label: c.label }))}
          onChange={(key) => onChange(key ? { kind: 'asset_class', key } : null)}
        />
      )}
    </>
  );
}

/** A scope in words; the name of a unit or place is looked up only where it is shown. */
export function scopeText(scope: Scope): string {
  const kind = t(`scope.${scope.kind}` as MessageKey);
  return scope.kind === 'asset_class' ? `${kind}: ${scope.key}` : kind;
}
