import { Button, Checkbox, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Ref } from '@muster/api/fields';
import {
  createSubscription,
  deleteSubscription,
  getPreferences,
  listSubscriptions,
  notificationLanguages,
  type NotificationPreferences,
  putPreferences,
  type Subscription,
  timings,
} from '@muster/api/notifications';
import { savedViewListRoutes } from '@muster/api/saved-views';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { currentLanguage, languages, t } from '../../app/messages.ts';
import { showProblemOn } from '../../ui/forms.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';

type Kinds = { key: Subscription['kind']; resource: string | null; leadDays: number | null }[];

/** What one is told of, and how one is written to. */
export function NotificationSettingsPage() {
  const subscriptions = useQuery(apiQuery(listSubscriptions, {}));
  const preferences = useQuery(apiQuery(getPreferences, {}));
  return (
    <PlainPage
      name={t('nav.notificationSettings')}
      line={t('notify.settingsLine')}
      back={{ to: '/notifications', label: t('nav.notifications') }}
    >
      <Loaded query={subscriptions}>
        {({ items, kinds }) => (
          <>
            <Subscriptions items={items} />
            <NewSubscription kinds={kinds} />
          </>
        )}
      </Loaded>
      <Loaded query={preferences}>{(data) => <Preferences preferences={data} />}</Loaded>
    </PlainPage>
  );
}

function Subscriptions({ items }: { items: Subscription[] }) {
  const end = useChange((id: string) => call(deleteSubscription, { params: { id } }), { message: t('notify.ended') });
  if (items.length === 0)
    return (
      <Section title={t('notify.subscriptions')}>
        <p className="dimmed">{t('notify.none')}</p>
      </Section>
    );
  return (
    <>
      <ProblemNotice error={end.error} />
      <SimpleTable
        title={t('notify.subscriptions')}
        rows={items}
        columns={[
          [
            t('notify.kind'),
            (s) => (
              <>
                {t(`notify.kind.${s.kind}`)}
                {s.view && <span className="dimmed"> · {s.view.label}</span>}
                {s.problem && (
                  <p className="wrap">
                    <strong>{t('notify.problem')}:</strong> {s.problem}
                  </p>
                )}
              </>
            ),
          ],
          [t('notify.leadDays'), (s) => s.leadDays ?? t('none.dash'), true],
          [t('notify.inApp'), (s) => t(s.inApp ? 'value.yes' : 'value.no')],
          [t('notify.mail'), (s) => (s.mail ? t(`notify.timing.${s.timing}`) : t('value.no'))],
          [
            t('table.actions'),
            (s) => (
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={t('notify.endOf', { kind: t(`notify.kind.${s.kind}`) })}
                onClick={() => end.mutate(s.id)}
              >
                {t('notify.end')}
              </Button>
            ),
          ],
        ]}
      />
    </>
  );
}

const initial = {
  kind: 'warranty_ending' as Subscription['kind'],
  viewId: null as Ref | null,
  leadDays: '' as number | string,
  inApp: true,
  mail: false,
  timing: 'at_once' as Subscription['timing'],
};

function NewSubscription({ kinds }: { kinds: Kinds }) {
  const form = useForm({ initialValues: initial });
  const [problem, setProblem] = useState<unknown>(null);
  const v = form.values;
  const kind = kinds.find((k) => k.key === v.kind);
  const subscribe = useChange(
    () =>
      call(createSubscription, {
        body: {
          kind: v.kind,
          viewId: v.viewId?.id ?? null,
          leadDays: v.leadDays === '' || kind?.leadDays === null ? null : Number(v.leadDays),
          inApp: v.inApp,
          mail: v.mail,
          timing: v.timing,
        },
      }),
    {
      message: t('notify.subscribed'),
      onDone: () => form.reset(),
      onError: (error) => setProblem(showProblemOn(form, error)),
    },
  );
  return (
    <Section title={t('notify.add')}>
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit(() => {
          setProblem(null);
          subscribe.mutate(undefined);
        })}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <div className="form-grid">
            <Select
              label={t('notify.kind')}
              allowDeselect={false}
              data={kinds.map((k) => ({ value: k.key, label: t(`notify.kind.${k.key}`) }))}
              {...form.getInputProps('kind')}
              onChange={(value) => value && form.setValues({ kind: value as Subscription['kind'], viewId: null, leadDays: '' })}
            />
            <RefSelect
              key={v.kind}
              routes={savedViewListRoutes}
              {...(kind?.resource ? { filter: `resource:${kind.resource}` } : {})}
              label={t(v.kind === 'view_changed' ? 'notify.watchedView' : 'notify.view')}
              description={v.kind === 'view_changed' ? undefined : t('notify.viewHint')}
              value={v.viewId}
              onChange={(view) => form.setFieldValue('viewId', view)}
              error={form.errors['viewId']}
              clearable
            />
            {kind && kind.leadDays !== null && (
              <NumberInput
                label={t(v.kind === 'acceptance_pending' ? 'notify.daysAfter' : 'notify.leadDays')}
                placeholder={String(kind.leadDays)}
                min={0}
                max={730}
                {...form.getInputProps('leadDays')}
              />
            )}
            <Select
              label={t('notify.timing')}
              allowDeselect={false}
              disabled={!v.mail}
              data={timings.map((value) => ({ value, label: t(`notify.timing.${value}`) }))}
              {...form.getInputProps('timing')}
            />
          </div>
          <Group>
            <Checkbox label={t('notify.inApp')} {...form.getInputProps('inApp', { type: 'checkbox' })} />
            <Checkbox label={t('notify.mail')} {...form.getInputProps('mail', { type: 'checkbox' })} />
          </Group>
          <div>
            <Button type="submit" loading={subscribe.isPending}>
              {t('notify.subscribe')}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}

/** The days of the week in the language of the page, Monday first. */
const weekdays = (): string[] =>
  Array.from({ length: 7 }, (_, i) =>
    new Intl.DateTimeFormat(currentLanguage(), { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, i + 1)),
  );

function Preferences({ preferences }: { preferences: NotificationPreferences & { address: string } }) {
  const { address, ...rest } = preferences;
  const form = useForm({ initialValues: { ...rest, digestHour: String(rest.digestHour), digestWeekday: String(rest.digestWeekday) } });
  const [problem, setProblem] = useState<unknown>(null);
  const save = useChange(
    (v: typeof form.values) =>
      call(putPreferences, { body: { ...v, digestHour: Number(v.digestHour), digestWeekday: Number(v.digestWeekday) } }),
    { message: t('record.saved'), onError: (error) => setProblem(showProblemOn(form, error)) },
  );
  return (
    <Section title={t('notify.how')}>
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit((values) => {
          setProblem(null);
          save.mutate(values);
        })}
      >
        <Stack gap="sm">
          <ProblemNotice error={problem} />
          <p className="dimmed">{t('notify.address', { address })}</p>
          <div className="form-grid">
            <Select
              label={t('notify.timeZone')}
              searchable
              allowDeselect={false}
              data={[...new Set(['UTC', form.values.timeZone, ...Intl.supportedValuesOf('timeZone')])]}
              {...form.getInputProps('timeZone')}
            />
            <Select
              label={t('notify.language')}
              allowDeselect={false}
              data={notificationLanguages.map((value) => ({ value, label: languages[value] }))}
              {...form.getInputProps('language')}
            />
            <Select
              label={t('notify.digestHour')}
              allowDeselect={false}
              data={Array.from({ length: 24 }, (_, i) => ({ value: String(i), label: `${String(i).padStart(2, '0')}:00` }))}
              {...form.getInputProps('digestHour')}
            />
            <Select
              label={t('notify.digestWeekday')}
              allowDeselect={false}
              data={weekdays().map((label, i) => ({ value: String(i + 1), label }))}
              {...form.getInputProps('digestWeekday')}
            />
          </div>
          <Checkbox label={t('notify.paused')} {...form.getInputProps('mailPaused', { type: 'checkbox' })} />
          <div>
            <Button type="submit" loading={save.isPending}>
              {t('action.save')}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
