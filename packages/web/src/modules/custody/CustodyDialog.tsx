import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import type { CustodyAnswer } from '@muster/api/custody';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { t, tn } from '../../app/messages.ts';
import { say } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';

export interface ChosenAsset {
  id: string;
  label: string;
}

/** As many as one call takes. */
export const mostAssets = 500;

interface Props {
  title: string;
  assets: ChosenAsset[];
  /** Everything that is chosen: a preview is asked for whenever it changes. */
  values: unknown;
  /** False while something must still be chosen. */
  ready: boolean;
  run: (how: { mode: 'all' | 'possible'; preview: boolean }) => Promise<CustodyAnswer>;
  /** Said when it is done, with the number of assets. */
  done: (count: number) => string;
  onClose: () => void;
  children: ReactNode;
}

/** Does one thing with one or many assets: says first what will be done and what is refused, and afterwards what was not done. */
export function CustodyDialog({ title, assets, values, ready: chosen, run, done, onClose, children }: Props) {
  const tooMany = assets.length > mostAssets;
  const ready = chosen && !tooMany;
  const ids = assets.map((a) => a.id);
  const preview = useQuery({
    queryKey: ['custody preview', title, ids, values],
    queryFn: async () => run({ mode: 'possible', preview: true }),
    placeholderData: keepPreviousData,
    enabled: ready && assets.length > 0,
    staleTime: 0,
    gcTime: 0,
  });
  const [left, setLeft] = useState<CustodyAnswer['refused']>([]);
  const change = useChange(() => run({ mode: 'possible', preview: false }), {
    onDone: (answer) => {
      if (answer.done.length > 0) say(done(answer.done.length));
      if (answer.refused.length === 0) onClose();
      else setLeft(answer.refused);
    },
  });
  const refused = left.length > 0 ? left : (preview.data?.refused ?? []);
  const nothing = preview.data !== undefined && preview.data.done.length === 0;
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && assets.length > 0) change.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{assets.length === 1 ? assets[0]?.label : tn('custody.assets', assets.length)}</Text>
          {tooMany && <Text size="sm">{t('custody.handlesMany')}</Text>}
          {children}
          <ProblemNotice error={change.error ?? (ready ? preview.error : null)} />
          <div aria-live="polite">
            {preview.isFetching && !preview.data && <Text size="sm">{t('custody.checking')}</Text>}
            {left.length === 0 && preview.data && assets.length > 1 && (
              <Text size="sm">{tn('custody.willDo', preview.data.done.length)}</Text>
            )}
            {refused.length > 0 && (
              <>
                <Text size="sm">{tn('custody.refused', refused.length)}</Text>
                <List size="sm">
                  {refused.map((one) => (
                    <List.Item key={one.asset.id}>{one.message}</List.Item>
                  ))}
                </List>
              </>
            )}
          </div>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {left.length > 0 ? t('action.close') : t('action.cancel')}
            </Button>
            {left.length === 0 && (
              <Button type="submit" loading={change.isPending} disabled={!ready || nothing || assets.length === 0}>
                {title}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
