import { Badge, Button, Checkbox, Group, Menu, Modal, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import type { Resource } from '@muster/api/fields';
import { roleNames, type RoleName } from '@muster/api/permissions';
import {
  createSavedView,
  deleteSavedView,
  listViewMenu,
  type SavedView,
  setDefaultView,
  updateSavedView,
  type ViewSharing,
  viewSharings,
} from '@muster/api/saved-views';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { useChange } from '../record-change.ts';
import { wordOf } from '../value-words.ts';
import { WarningNotice } from '../WarningNotice.tsx';
import { type ListState, type ListStateChange, splitFilter, stateOfView } from './list-state.ts';

interface Props {
  resource: Resource;
  state: ListState;
  onState: ListStateChange;
  columns: string[];
  dense: boolean;
  onDense: (dense: boolean) => void;
  facetsShown: boolean;
  onFacets: (shown: boolean) => void;
}

/** The saved views of a list: open one, keep what the list shows, share it. The address says which is open and what the list shows. */
export function ViewsMenu(props: Props) {
  const { resource, state, onState } = props;
  const menu = useQuery(apiQuery(listViewMenu, { query: { resource: resource.name } }));
  const views = menu.data?.items ?? [];
  const open = views.find((v) => v.id === state.view);
  const [dialog, setDialog] = useState<'new' | 'edit' | null>(null);
  const show = useShow(props);
  useOpensWith(menu.data?.items, state, show);
  const isChanged = open !== undefined && differs(open, state);
  const save = useChange((view: SavedView) => call(updateSavedView, { ...versionOf(view), body: contentOf(props) }), {
    message: t('view.saved'),
  });
  const remove = useChange((view: SavedView) => call(deleteSavedView, { params: { id: view.id } }), {
    message: t('view.removed'),
    onDone: () => onState({ view: '' }),
  });
  const begin = useChange((id: string | null) => call(setDefaultView, { body: { resource: resource.name, id } }), {
    message: t('view.saved'),
  });
  const [removing, setRemoving] = useState(false);
  const group = (label: string, of: SavedView[]) =>
    of.length > 0 && (
      <>
        <Menu.Label>{label}</Menu.Label>
        {of.map((v) => (
          <Menu.Item key={v.id} onClick={() => show(v)} {...(v.id === open?.id ? { 'aria-current': 'true' as const } : {})}>
            {v.name}
            {v.isDefault && ' ★'}
          </Menu.Item>
        ))}
        <Menu.Divider />
      </>
    );
  return (
    <>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant={open ? 'light' : 'default'} className="views-button">
            {open ? t('view.open', { name: open.name }) : t('view.menu')}
            {isChanged && (
              <Badge size="xs" variant="outline" ml={6} color="var(--warning)">
                {t('view.changed')}
              </Badge>
            )}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {views.length === 0 && <Menu.Label>{t('view.none')}</Menu.Label>}
          {group(
            t('view.mine'),
            views.filter((v) => v.isMine),
          )}
          {group(
            t('view.shared'),
            views.filter((v) => !v.isMine),
          )}
          {open && isChanged && open.mayChange && <Menu.Item onClick={() => save.mutate(open)}>{t('view.save')}</Menu.Item>}
          {open && isChanged && <Menu.Item onClick={() => show(open)}>{t('view.reset')}</Menu.Item>}
          <Menu.Item onClick={() => setDialog('new')}>{t('view.saveAs')}</Menu.Item>
          {open?.mayChange && <Menu.Item onClick={() => setDialog('edit')}>{t('view.edit')}</Menu.Item>}
          {open && (
            <Menu.Item onClick={() => begin.mutate(open.isDefault ? null : open.id)}>
              {open.isDefault ? t('view.noDefault') : t('view.default')}
            </Menu.Item>
          )}
          {open && <Menu.Item onClick={() => onState({ filter: '', sort: '', columns: '', view: '' })}>{t('view.leave')}</Menu.Item>}
          {open?.mayChange && (
            <Menu.Item color="red.9" onClick={() => setRemoving(true)}>
              {t('view.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open && open.problems.length > 0 && (
        <WarningNotice title={t('view.broken')}>
          {open.problems.map((p) => (
            <p key={p.message}>{p.message}</p>
          ))}
        </WarningNotice>
      )}
      <ProblemNotice error={save.error ?? remove.error ?? begin.error} />
      {dialog && <ViewDialog {...props} {...(dialog === 'edit' && open ? { view: open } : {})} onClose={() => setDialog(null)} />}
      {open && removing && (
        <Modal opened onClose={() => setRemoving(false)} title={t('view.delete')} closeButtonProps={{ 'aria-label': t('action.close') }}>
          <p>{t('view.deleteQuestion', { name: open.name })}</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setRemoving(false)}>
              {t('action.cancel')}
            </Button>
            <Button
              color="red.9"
              onClick={() => {
                setRemoving(false);
                remove.mutate(open);
              }}
            >
              {t('view.delete')}
            </Button>
          </Group>
        </Modal>
      )}
    </>
  );
}

const versionOf = (view: SavedView) => ({ params: { id: view.id }, ifMatch: `"${view.version}"` });

/** Makes the list show a view. */
function useShow({ onState, onDense, onFacets }: Props): (view: SavedView) => void {
  return (view) => {
    if (view.density) onDense(view.density === 'compact');
    if (view.facetsOpen !== null) onFacets(view.facetsOpen);
    onState(stateOfView(view));
  };
}

/** A list that is opened without saying what it is to show begins with the view that was chosen for that. */
function useOpensWith(views: SavedView[] | undefined, state: ListState, show: (view: SavedView) => void): void {
  const begun = useRef(false);
  const latest = useRef(show);
  useEffect(() => {
    latest.current = show;
  });
  const isPlain = !state.filter && !state.sort && !state.columns && !state.view;
  useEffect(() => {
    if (begun.current || views === undefined) return;
    begun.current = true;
    const first = views.find((v) => v.isDefault);
    if (isPlain && first) latest.current(first);
  }, [views, isPlain]);
}

function differs(view: SavedView, state: ListState): boolean {
  const { q, filter } = splitFilter(state.filter);
  return (
    q !== (view.q ?? '') ||
    filter !== (view.filter ?? '') ||
    state.sort !== (view.sort ?? '') ||
    state.columns !== (view.columns?.join(',') ?? '')
  );
}

function contentOf({ state, dense, facetsShown }: Props) {
  const { q, filter } = splitFilter(state.filter);
  return {
    q: q || null,
    filter: filter || null,
    sort: state.sort || null,
    columns: state.columns ? state.columns.split(',') : null,
    density: dense ? ('compact' as const) : ('comfortable' as const),
    facetsOpen: facetsShown,
  };
}

/** A new view of what the list shows, or another name and sharing for the one that is open. */
function ViewDialog({ view, onClose, ...props }: Props & { view?: SavedView; onClose: () => void }) {
  const { can } = useSession();
  const [name, setName] = useState(view?.name ?? '');
  const [sharing, setSharing] = useState<ViewSharing>(view?.sharing ?? 'private');
  const [roles, setRoles] = useState<string[]>(view?.roles ?? []);
  const [archived, setArchived] = useState(view?.archived ?? false);
  const save = useChange(
    () => {
      const body = { name, sharing, ...(sharing === 'roles' ? { roles: roles as RoleName[] } : {}), archived };
      return view
        ? call(updateSavedView, { ...versionOf(view), body })
        : call(createSavedView, { body: { resource: props.resource.name, ...contentOf(props), ...body } });
    },
    {
      message: t('view.saved'),
      onDone: ({ data }) => {
        // What was saved is what the address says from now on; the columns as the list shows them.
        props.onState({ view: data.id });
        onClose();
      },
    },
  );
  return (
    <Modal opened onClose={onClose} title={view ? t('view.edit') : t('view.saveAs')} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={save.error} />
          <TextInput
            label={t('view.name')}
            required
            maxLength={120}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            data-autofocus
          />
          {can('views:share') && (
            <Select
              label={t('view.sharing')}
              data={viewSharings.map((value) => ({ value, label: t(`view.sharing.${value}`) }))}
              value={sharing}
              onChange={(value) => setSharing(value ?? 'private')}
              allowDeselect={false}
            />
          )}
          {sharing === 'roles' && (
            <MultiSelect
              label={t('view.roles')}
              data={roleNames.map((value) => ({ value, label: wordOf(value) }))}
              value={roles}
              onChange={setRoles}
            />
          )}
          {view && <Checkbox label={t('view.archived')} checked={archived} onChange={(e) => setArchived(e.currentTarget.checked)} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
