import { ActionIcon, Button, Checkbox, Group, Menu, Popover, ScrollArea, Stack, Tooltip } from '@mantine/core';
import type { Resource } from '@muster/api/fields';
import { urlOf } from '@muster/api/client';
import { currentLanguage, fieldLabel, t, tn } from '../../app/messages.ts';
import { number } from '../formatting.ts';
import { ColumnsIcon, DensityIcon, DownloadIcon, FilterIcon } from '../Icons.tsx';
import { columnFields, defaultColumns } from './columns.ts';
import type { RowSource } from './use-rows.ts';

interface Props {
  resource: Resource;
  source: RowSource;
  query: Record<string, unknown>;
  columns: string[];
  onColumns: (columns: string[]) => void;
  dense: boolean;
  onDense: (dense: boolean) => void;
  facetsShown: boolean;
  onFacets: (() => void) | null;
}

/** What can be done with the list as a whole: facets, columns, density, export of exactly what is shown. */
export function Toolbar({ resource, source, query, columns, onColumns, dense, onDense, facetsShown, onFacets }: Props) {
  const exportUrl = (format: 'csv' | 'xlsx'): string =>
    source.export ? urlOf(source.export, source.params, { ...source.query, ...query, fields: columns.join(','), format }) : '';
  const toggle = (name: string, on: boolean): void => {
    const next = columnFields(resource)
      .map(([n]) => n)
      .filter((n) => (n === name ? on : columns.includes(n)));
    if (next.length > 0) onColumns(next);
  };
  return (
    <Group gap={4} wrap="nowrap" className="toolbar">
      {onFacets && (
        <Button variant={facetsShown ? 'light' : 'default'} aria-pressed={facetsShown} onClick={onFacets} leftSection={<FilterIcon />}>
          {t('table.facets')}
        </Button>
      )}
      <Popover position="bottom-end" shadow="sm" trapFocus returnFocus withinPortal>
        <Popover.Target>
          <Tooltip label={t('table.columns')}>
            <ActionIcon aria-label={t('table.columns')} size="md" className="wide-only">
              <ColumnsIcon />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          <ScrollArea.Autosize mah={360} type="auto">
            <Stack gap={6} pr="sm">
              {columnFields(resource).map(([name, field]) => (
                <Checkbox
                  key={name}
                  size="xs"
                  label={fieldLabel(field.label)}
                  checked={columns.includes(name)}
                  onChange={(event) => toggle(name, event.currentTarget.checked)}
                />
              ))}
            </Stack>
          </ScrollArea.Autosize>
          <Button variant="subtle" mt="xs" fullWidth onClick={() => onColumns(defaultColumns(resource))}>
            {t('table.resetColumns')}
          </Button>
        </Popover.Dropdown>
      </Popover>
      <Tooltip label={dense ? t('table.comfortable') : t('table.compact')}>
        <ActionIcon aria-label={t('table.compact')} aria-pressed={dense} size="md" onClick={() => onDense(!dense)} className="wide-only">
          <DensityIcon />
        </ActionIcon>
      </Tooltip>
      {source.export && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Tooltip label={t('table.export')}>
              <ActionIcon aria-label={t('table.export')} size="md">
                <DownloadIcon />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('table.exportHint')}</Menu.Label>
            <Menu.Item component="a" href={exportUrl('csv')} download>
              CSV
            </Menu.Item>
            <Menu.Item component="a" href={exportUrl('xlsx')} download>
              Excel (XLSX)
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}

const wholes = new Set(['audit-log', 'software', 'evidence']);

/** A label within a sentence: without its capital, unless it is an abbreviation. German nouns keep theirs. */
function midSentence(label: string): string {
  return currentLanguage() === 'de' || /^\p{Lu}{2}/u.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);
}

/** "1,204 assets", or "about 1,000,000 assets" when it was estimated. */
export function CountLine({
  resource,
  total,
  isEstimate,
  selected,
}: {
  resource: Resource;
  total: number | null;
  isEstimate: boolean;
  selected: number;
}) {
  if (total === null) return null;
  // Some plurals name the whole and not its parts: one counts entries of a log, titles of software.
  const noun = total === 1 || !wholes.has(resource.name) ? fieldLabel(total === 1 ? resource.label : resource.plural) : t('table.entries');
  const count = isEstimate ? t('table.about', { count: number(total) }) : number(total);
  return (
    <p className="count" aria-live="polite">
      <span className="number">{count}</span> {midSentence(noun)}
      {selected > 0 && <> · {tn('table.selected', selected)}</>}
    </p>
  );
}
