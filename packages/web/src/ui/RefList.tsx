import { CloseButton, Group, List } from '@mantine/core';
import type { Ref } from '@muster/api/fields';
import type { ComponentProps } from 'react';
import { t } from '../app/messages.ts';
import { RefSelect } from './RefSelect.tsx';

interface Props extends Omit<ComponentProps<typeof RefSelect>, 'value' | 'onChange'> {
  value: readonly Ref[];
  onChange: (value: Ref[]) => void;
}

/** Several records, found one after the other: the search is empty again after each, and each can be taken out. */
export function RefList({ value, onChange, ...search }: Props) {
  return (
    <>
      <RefSelect
        {...search}
        key={value.length}
        value={null}
        onChange={(found) => found && !value.some((one) => one.id === found.id) && onChange([...value, found])}
      />
      <List size="sm" listStyleType="none">
        {value.map((one) => (
          <List.Item key={one.id}>
            <Group gap="xs" wrap="nowrap">
              {one.label}
              <CloseButton
                size={24}
                aria-label={t('custody.remove', { name: one.label })}
                onClick={() => onChange(value.filter((other) => other.id !== one.id))}
              />
            </Group>
          </List.Item>
        ))}
      </List>
    </>
  );
}
