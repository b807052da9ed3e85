import { Button, NumberInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { listStaleness, putStaleness, resetStaleness, type StalenessLimitsRow } from '@muster/api/staleness';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { showProblemOn } from '../../ui/forms.ts';
import { number } from '../../ui/formatting.ts';
import { listPath } from '../../ui/links.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';

const nameOf = (row: StalenessLimitsRow): string => row.classLabel ?? t('authority.anyClass');

/** After how long without a report an asset counts as stale, missing, to be retired; by class. */
export function StalenessPage() {
  const query = useQuery(apiQuery(listStaleness, {}));
  const { can } = useSession();
  const mayChange = can('settings:write');
  const [editing, setEditing] = useState<StalenessLimitsRow | null>(null);
  const reset = useChange((classKey: string | null) => call(resetStaleness, { body: { classKey } }), { message: t('staleness.resetDone') });
  const rows = (freshness: string, row: StalenessLimitsRow, days: number) => (
    <AppLink
      to={listPath('/assets', `freshness:${freshness}${row.classKey ? ` class:${row.classKey}` : ''}`)}
      aria-label={t(`staleness.open.${freshness}` as 'staleness.open.stale', { class: nameOf(row), days: number(days) })}
    >
      {number(days)}
    </AppLink>
  );
  return (
    <PlainPage name={t('nav.staleness')} line={t('staleness.line')}>
      <ProblemNotice error={reset.error} />
      <Loaded query={query}>
        {({ items }) => (
          <SimpleTable
            title={t('staleness.limits')}
            rows={items}
            columns={[
              [t('authority.class'), (r) => nameOf(r)],
              [t('staleness.stale'), (r) => rows('stale', r, r.staleDays), true],
              [t('staleness.missing'), (r) => rows('missing', r, r.missingDays), true],
              [t('staleness.retire'), (r) => rows('retire_candidate', r, r.retireDays), true],
              [t('authority.origin'), (r) => <Origin row={r} items={items} />],
              [
                t('authority.actions'),
                (r) =>
                  mayChange && (
                    <span className="row-actions">
                      <Button
                        variant="subtle"
                        size="compact-xs"
                        aria-label={t('staleness.changeOf', { class: nameOf(r) })}
                        onClick={() => setEditing(r)}
                      >
                        {t('action.edit')}
                      </Button>
                      {r.origin === 'changed' && (
                        <ConfirmButton
                          label={t('authority.reset')}
                          question={t('staleness.resetQuestion', { class: nameOf(r) })}
                          onConfirm={() => reset.mutate(r.classKey)}
                        />
                      )}
                    </span>
                  ),
              ],
            ]}
          />
        )}
      </Loaded>
      {editing && <LimitsDialog row={editing} onClose={() => setEditing(null)} />}
    </PlainPage>
  );
}

function Origin({ row, items }: { row: StalenessLimitsRow; items: readonly StalenessLimitsRow[] }) {
  if (row.origin === 'changed') return <>{row.changedBy}</>;
  if (row.origin === 'shipped') return <>{t('authority.shipped')}</>;
  const from = items.find((r) => r.classKey === row.from);
  return (
    <span className="dimmed">
      {from && from.classKey !== null ? t('staleness.inherited', { class: nameOf(from) }) : t('staleness.inheritedAny')}
    </span>
  );
}

function LimitsDialog({ row, onClose }: { row: StalenessLimitsRow; onClose: () => void }) {
  const [problem, setProblem] = useState<unknown>(null);
  const form = useForm({ initialValues: { staleDays: row.staleDays, missingDays: row.missingDays, retireDays: row.retireDays } });
  const save = useChange((values: typeof form.values) => call(putStaleness, { body: { classKey: row.classKey, ...values } }), {
    message: t('staleness.saved'),
    onDone: onClose,
    onError: (error) => setProblem(showProblemOn(form, error)),
  });
  const input = { min: 1, max: 36_500, allowDecimal: false, suffix: t('authority.daysSuffix') };
  return (
    <FormDialog
      title={t('staleness.changeOf', { class: nameOf(row) })}
      noValidate
      pending={save.isPending}
      problem={problem}
      onSubmit={form.onSubmit((values) => {
        setProblem(null);
        save.mutate(values);
      })}
      onClose={onClose}
    >
      <NumberInput label={t('staleness.stale')} {...input} {...form.getInputProps('staleDays')} data-autofocus />
      <NumberInput label={t('staleness.missing')} {...input} {...form.getInputProps('missingDays')} />
      <NumberInput label={t('staleness.retire')} {...input} {...form.getInputProps('retireDays')} />
      <p className="dimmed">{t('staleness.below')}</p>
    </FormDialog>
  );
}
