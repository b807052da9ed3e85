import { Button } from '@mantine/core';
import type { AssetValueField } from '@muster/api/assets';
import { type AuthorityRule, listAuthorityRules, resetAuthorityRule } from '@muster/api/authority';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { useFollow } from '../../ui/AppLink.tsx';
import { ConfirmButton } from '../../ui/ConfirmButton.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { TimeAgo } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { AuthorityDialog } from './AuthorityDialog.tsx';
import { authorityFieldLabel } from './authority-field-label.ts';

/** Which source is believed for what, and how long its silence is overlooked. */
export function AuthorityPage() {
  const query = useQuery(apiQuery(listAuthorityRules, {}));
  const { can } = useSession();
  const follow = useFollow();
  const [editing, setEditing] = useState<AuthorityRule | 'new' | null>(null);
  const reset = useChange(
    async (rule: AuthorityRule) =>
      (await call(resetAuthorityRule, { body: { classKey: rule.classKey, field: rule.field as AssetValueField | null } })).data,
    { message: t('authority.resetDone'), onDone: ({ jobId }) => follow(`/jobs/${jobId}`) },
  );
  const mayChange = can('settings:write');
  return (
    <PlainPage
      name={t('nav.authority')}
      line={t('authority.line')}
      actions={mayChange && <Button onClick={() => setEditing('new')}>{t('authority.new')}</Button>}
    >
      <ProblemNotice error={reset.error} />
      <Loaded query={query}>
        {({ items, sources }) => (
          <>
            <SimpleTable
              title={t('authority.rules')}
              rows={items}
              columns={[
                [t('authority.class'), (r) => r.classLabel ?? t('authority.anyClass')],
                [t('authority.field'), (r) => authorityFieldLabel(r.field)],
                [t('authority.order'), (r) => <Order rule={r} />],
                [t('authority.origin'), (r) => <Origin rule={r} />],
                ...(mayChange
                  ? ([
                      [
                        t('authority.actions'),
                        (r: AuthorityRule) => (
                          <span className="row-actions">
                            <Button
                              variant="subtle"
                              size="compact-xs"
                              aria-label={t('authority.changeOf', { rule: nameOf(r) })}
                              onClick={() => setEditing(r)}
                            >
                              {t('action.edit')}
                            </Button>
                            {r.origin !== 'default' && (
                              <ConfirmButton
                                label={t(r.origin === 'added' ? 'authority.remove' : 'authority.reset')}
                                question={t('authority.resetQuestion', { rule: nameOf(r) })}
                                onConfirm={() => reset.mutate(r)}
                              />
                            )}
                          </span>
                        ),
                      ],
                    ] as [string, (r: AuthorityRule) => ReactNode][])
                  : []),
              ]}
            />
            {editing && (
              <AuthorityDialog
                rule={editing === 'new' ? null : editing}
                general={items}
                sources={sources}
                onClose={() => setEditing(null)}
              />
            )}
          </>
        )}
      </Loaded>
    </PlainPage>
  );
}

const nameOf = (rule: AuthorityRule): string => `${rule.classLabel ?? t('authority.anyClass')}, ${authorityFieldLabel(rule.field)}`;

function Order({ rule }: { rule: AuthorityRule }) {
  return (
    <ol className="inline-order">
      {rule.order.map((o) => (
        <li key={o.source}>
          {wordOf(o.source)}
          {o.ttlDays !== rule.otherTtlDays && <span className="dimmed"> {t('authority.days', { count: o.ttlDays })}</span>}
        </li>
      ))}
      <li className="dimmed">
        {t('authority.others')} · {t('authority.each', { count: rule.otherTtlDays })}
      </li>
    </ol>
  );
}

function Origin({ rule }: { rule: AuthorityRule }) {
  if (rule.origin === 'default' || rule.changedAt === null) return <>{t('authority.shipped')}</>;
  return (
    <>
      {t('authority.changedBy', { actor: rule.changedBy ?? t('none.unknown') })} · <TimeAgo at={rule.changedAt} />
    </>
  );
}
