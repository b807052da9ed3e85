import { listAssetClasses } from '@muster/api/asset-classes';
import type { KitLine } from '@muster/api/kits';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';

/** What a line of a kit asks for, in words: the class, the model or both. */
export function useKitLineWords(): (line: KitLine) => string {
  const classes = useQuery(apiQuery(listAssetClasses, {})).data?.items ?? [];
  return (line) => {
    const label = line.class === null ? null : (classes.find((one) => one.key === line.class)?.label ?? line.class);
    return [label, line.model].filter(Boolean).join(' · ');
  };
}
