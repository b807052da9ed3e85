import { Button, Group, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import {
  getIdentityDryRun,
  getIdentityRules,
  identityKeyUses,
  identityRuleKinds,
  type IdentityRulesBody,
  type IdentityRulesInForce,
  listIdentityDryRuns,
  startIdentityDryRun,
} from '@muster/api/identity-rules';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { useSession } from '../../app/Session.tsx';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { number, relativeTime } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Loaded, PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { TimeAgo, Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';

/** The identity rules that people may change: a draft is tried over the stored history before it counts. */
export function IdentityRulesPage() {
  const query = useQuery(apiQuery(getIdentityRules, {}));
  // A draft that is taken up again comes by its dry run.
  const from = new URLSearchParams(window.location.search).get('from');
  const earlier = useQuery({ ...apiQuery(getIdentityDryRun, { params: { id: from ?? '' } }), enabled: from !== null });
  return (
    <Loaded query={query}>
      {(inForce) =>
        from !== null && !earlier.data ? (
          <ProblemNotice error={earlier.error} />
        ) : (
          // Rules that were published meanwhile begin a new draft.
          <Rules key={`${from} ${JSON.stringify(inForce.rules)}`} inForce={inForce} start={earlier.data?.draft ?? inForce.rules} />
        )
      }
    </Loaded>
  );
}

const same = (a: IdentityRulesBody, b: IdentityRulesBody): boolean =>
  a.nameWithinDays === b.nameWithinDays &&
  a.proposeSameName === b.proposeSameName &&
  identityRuleKinds.every((kind) => a.uses[kind] === b.uses[kind]) &&
  a.placeholders.length === b.placeholders.length &&
  a.placeholders.every((p, i) => p.kind === b.placeholders[i]?.kind && p.pattern === b.placeholders[i].pattern);

interface Editing {
  draft: IdentityRulesBody;
  mayChange: boolean;
  onChange: (draft: IdentityRulesBody) => void;
}

function Rules({ inForce, start }: { inForce: IdentityRulesInForce; start: IdentityRulesBody }) {
  const { can } = useSession();
  const follow = useFollow();
  const mayChange = can('settings:write');
  const [draft, onChange] = useState(start);
  const run = useChange(async () => (await call(startIdentityDryRun, { body: draft })).data, {
    onDone: ({ id }) => follow(`/identity-rules/${id}`),
  });
  const unchanged = same(draft, inForce.rules);
  const editing = { draft, mayChange, onChange };
  return (
    <PlainPage
      name={t('nav.identityRules')}
      line={t('identityRules.line')}
      actions={
        mayChange && (
          <Group gap="xs">
            {!unchanged && (
              <Button variant="default" onClick={() => onChange(inForce.rules)}>
                {t('identityRules.discard')}
              </Button>
            )}
            {!same(draft, inForce.shipped) && (
              <Button variant="default" onClick={() => onChange(inForce.shipped)}>
                {t('identityRules.asShipped')}
              </Button>
            )}
            <Button loading={run.isPending} disabled={unchanged} onClick={() => run.mutate(undefined)}>
              {t('identityRules.dryRun')}
            </Button>
          </Group>
        )
      }
    >
      <ProblemNotice error={run.error} />
      {mayChange && unchanged && <p className="dimmed">{t('identityRules.unchanged')}</p>}
      <Uses {...editing} shipped={inForce.shipped} changes={inForce.changes} />
      <Placeholders {...editing} />
      <Names {...editing} />
      {mayChange && <Latest />}
    </PlainPage>
  );
}

function Uses({
  draft,
  mayChange,
  onChange,
  shipped,
  changes,
}: Editing & { shipped: IdentityRulesBody; changes: IdentityRulesInForce['changes'] }) {
  const last = changes.find((c) => c.setting === 'uses');
  return (
    <>
      <SimpleTable
        title={t('identityRules.uses')}
        rows={[...identityRuleKinds]}
        columns={[
          [t('identity.kind'), (kind) => wordOf(kind)],
          [
            t('identityRules.use'),
            (kind) =>
              mayChange ? (
                <Select
                  size="xs"
                  maw={200}
                  aria-label={t('identityRules.useOf', { kind: wordOf(kind) })}
                  allowDeselect={false}
                  value={draft.uses[kind]}
                  onChange={(use) => use && onChange({ ...draft, uses: { ...draft.uses, [kind]: use } })}
                  data={identityKeyUses.map((use) => ({ value: use, label: t(`identityRules.${use}`) }))}
                />
              ) : (
                t(`identityRules.${draft.uses[kind]}`)
              ),
          ],
          [t('authority.origin'), (kind) => t(draft.uses[kind] === shipped.uses[kind] ? 'identityRules.shipped' : 'identityRules.changed')],
        ]}
      />
      <p className="dimmed">
        {t('identityRules.usesHint')}{' '}
        {last && (
          <>
            {t('identityRules.lastChange', { actor: last.changedBy })} · <TimeAgo at={last.changedAt} />
          </>
        )}
      </p>
    </>
  );
}

type Kind = (typeof identityRuleKinds)[number];

function Placeholders({ draft, mayChange, onChange }: Editing) {
  const [kind, setKind] = useState<Kind>('serial');
  const [pattern, setPattern] = useState('');
  const without = (at: number): void => onChange({ ...draft, placeholders: draft.placeholders.filter((_, i) => i !== at) });
  return (
    <Section title={t('identityRules.placeholders')}>
      <p className="dimmed">
        {t('identityRules.placeholdersHint')} {draft.placeholders.length === 0 && t('identityRules.noPlaceholders')}
      </p>
      <ul className="reasons">
        {draft.placeholders.map((p, i) => (
          <li key={`${p.kind} ${p.pattern}`}>
            {wordOf(p.kind)} <span className="mono">{p.pattern}</span>{' '}
            {mayChange && (
              <Button
                variant="subtle"
                size="compact-xs"
                aria-label={t('identityRules.remove', { pattern: p.pattern })}
                onClick={() => without(i)}
              >
                {t('authority.remove')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const value = pattern.trim();
            const known = draft.placeholders.some((p) => p.kind === kind && p.pattern === value);
            if (value !== '' && !known) onChange({ ...draft, placeholders: [...draft.placeholders, { kind, pattern: value }] });
            setPattern('');
          }}
        >
          <Group align="end" gap="xs">
            <Select
              label={t('identity.kind')}
              allowDeselect={false}
              value={kind}
              onChange={(value) => value && setKind(value)}
              data={identityRuleKinds.map((value) => ({ value, label: wordOf(value) }))}
            />
            <TextInput
              label={t('identityRules.pattern')}
              value={pattern}
              maxLength={300}
              onChange={(event) => setPattern(event.currentTarget.value)}
            />
            <Button type="submit" variant="default">
              {t('identityRules.add')}
            </Button>
          </Group>
        </form>
      )}
    </Section>
  );
}

function Names({ draft, mayChange, onChange }: Editing) {
  return (
    <Section title={t('identityRules.names')}>
      <Stack gap="sm" maw={480}>
        <NumberInput
          label={t('identityRules.nameWithinDays')}
          description={t('identityRules.nameHint')}
          min={0}
          max={3650}
          allowDecimal={false}
          suffix={t('authority.daysSuffix')}
          readOnly={!mayChange}
          value={draft.nameWithinDays}
          onChange={(value) => onChange({ ...draft, nameWithinDays: Number(value) })}
        />
        <Switch
          label={t('identityRules.proposeSameName')}
          disabled={!mayChange}
          checked={draft.proposeSameName}
          onChange={(event) => onChange({ ...draft, proposeSameName: event.currentTarget.checked })}
        />
      </Stack>
    </Section>
  );
}

function Latest() {
  const query = useQuery(apiQuery(listIdentityDryRuns, {}));
  return (
    <SimpleTable
      title={t('identityRules.latest')}
      rows={query.data?.items ?? []}
      columns={[
        [t('identityRules.asked'), (r) => <TimeAgo at={r.askedAt} />],
        [t('identityRules.askedBy'), (r) => r.askedBy],
        [fieldLabel('State'), (r) => (r.state ? <StateBadge value={r.state} /> : <Unknown />)],
        [
          t('identityRules.wouldChange'),
          (r) => (r.counts ? number(r.counts.joined + r.counts.split + r.counts.regrouped) : <Unknown word={t('none.notYet')} />),
          true,
        ],
        [t('identityRules.published'), (r) => (r.publishedAt ? <TimeAgo at={r.publishedAt} /> : <Unknown word={t('none.notYet')} />)],
        [
          t('authority.actions'),
          (r) => (
            <AppLink to={`/identity-rules/${r.id}`} aria-label={t('identityRules.open', { at: relativeTime(r.askedAt) })}>
              {t('identityRules.details')}
            </AppLink>
          ),
        ],
      ]}
    />
  );
}
