import { Checkbox } from '@mantine/core';
import { fieldLabel, t } from '../../app/messages.ts';
import type { GridProps } from './Grid.tsx';

/** The narrow form: each row a card with its title and its fields by name, readable at 360 px. */
export function Cards({ resource, table, virtualizer, columns, active, onActivate, cell, onOpen, rowActions, selectable }: GridProps) {
  const rows = table.getRowModel().rows;
  const rest = columns.filter((name) => name !== resource.titleField).slice(0, 6);
  return (
    <ul className="cards" style={{ height: virtualizer.getTotalSize() }} aria-label={fieldLabel(resource.plural)}>
      {virtualizer.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        return (
          <li
            key={row.id}
            ref={virtualizer.measureElement}
            data-index={item.index}
            data-active={item.index === active || undefined}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <div
              className="card"
              tabIndex={-1}
              role="presentation"
              onFocus={() => onActivate(item.index)}
              onClick={(event) => {
                if (!(event.target as HTMLElement).closest('a, button, input, label')) onOpen(row.original, event);
              }}
            >
              <div className="card-head">
                {selectable && (
                  <Checkbox
                    size="sm"
                    aria-label={t('table.selectRow')}
                    checked={row.getIsSelected()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                )}
                <div className="card-title">{cell(resource.titleField, row.original)}</div>
                {rowActions?.(row.original)}
              </div>
              <dl>
                {rest.map((name) => (
                  <div key={name}>
                    <dt>{fieldLabel(resource.fields[name]!.label)}</dt>
                    <dd>{cell(name, row.original)}</dd>
                  </div>
                ))}
              </dl>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
