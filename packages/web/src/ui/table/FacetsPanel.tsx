import type { Facets } from '@muster/api/listing';
import { findField, snake, type Resource } from '@muster/api/fields';
import { fieldLabel, t } from '../../app/messages.ts';
import { number } from '../formatting.ts';
import { CheckIcon } from '../Icons.tsx';
import { quoted } from '../links.ts';
import { absenceOf, wordOf } from '../value-words.ts';
import { hasToken, toggleToken } from './list-state.ts';

interface Props {
  resource: Resource;
  facets: Facets;
  text: string;
  onChange: (text: string) => void;
}

/** The most frequent values with their counts under the same search and filter; a press narrows, another widens again. */
export function FacetsPanel({ resource, facets, text, onChange }: Props) {
  return (
    <aside className="facets" aria-label={t('table.facetsOf', { plural: fieldLabel(resource.plural) })}>
      {facets.facets.map((facet) => {
        const field = findField(resource, facet.field)?.[1];
        const wordFor = (value: string | null, label: string): string => {
          if (value === null) return absenceOf(resource.name, facet.field);
          if (field?.type === 'boolean') return value === 'true' ? t('value.yes') : t('value.no');
          return field?.type === 'enum' ? (label && label !== value ? label : wordOf(value)) : label;
        };
        if (facet.values.length === 0) return null;
        return (
          <section key={facet.field}>
            <h2>{fieldLabel(facet.label)}</h2>
            <ul>
              {facet.values.map((v) => {
                const filterValue = v.value === null ? 'null' : quoted(field?.type === 'ref' ? v.label : v.value);
                const token = `${snake(facet.field)}:${filterValue}`;
                const active = hasToken(text, token);
                return (
                  <li key={v.value ?? ''}>
                    <button type="button" aria-pressed={active} onClick={() => onChange(toggleToken(text, token))}>
                      {active && <CheckIcon width={12} height={12} />}
                      <span className="facet-label">{wordFor(v.value, v.label)}</span>
                      <span className="number facet-count">{number(v.count)}</span>
                    </button>
                  </li>
                );
              })}
              {facet.more && <li className="facet-more">{t('table.moreValues')}</li>}
            </ul>
          </section>
        );
      })}
    </aside>
  );
}
