import { ActionIcon, Button, Group, Modal, NumberInput, Select, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { assetValueFields, type AssetValueField } from '@muster/api/assets';
import { listAssetClasses } from '@muster/api/asset-classes';
import { type AuthorityRule, type AuthorityRuleBody, previewAuthorityRule, putAuthorityRule } from '@muster/api/authority';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { apiQuery, call, keyOf } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink, useFollow } from '../../ui/AppLink.tsx';
import { number } from '../../ui/formatting.ts';
import { CloseIcon, SortDownIcon, SortUpIcon } from '../../ui/Icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { wordOf } from '../../ui/value-words.ts';
import { authorityFieldLabel } from './authority-field-label.ts';

type Order = AuthorityRuleBody['order'];
const defaultTtlDays = 30;

/** Orders the sources for a class and field; what would change is shown before it is done. */
export function AuthorityDialog({
  rule,
  general,
  sources,
  onClose,
}: {
  rule: AuthorityRule | null;
  general: readonly AuthorityRule[];
  sources: readonly string[];
  onClose: () => void;
}) {
  const follow = useFollow();
  const from = rule ?? general.find((r) => r.classKey === null && r.field === null);
  const [classKey, setClass] = useState<string | null>(rule?.classKey ?? null);
  const [field, setField] = useState<AssetValueField | null>((rule?.field ?? null) as AssetValueField | null);
  const [order, setOrder] = useState<Order>(from ? [...from.order] : []);
  const [otherTtlDays, setOther] = useState(from?.otherTtlDays ?? defaultTtlDays);
  const classes = useQuery(apiQuery(listAssetClasses, {}));
  const body: AuthorityRuleBody = { classKey, field, order, otherTtlDays };
  const save = useChange(async () => (await call(putAuthorityRule, { body })).data, {
    message: t('authority.saved'),
    onDone: ({ jobId }) => {
      onClose();
      follow(`/jobs/${jobId}`);
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t(rule ? 'authority.change' : 'authority.new')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <ProblemNotice error={save.error} />
          <div className="form-grid">
            <Select
              label={t('authority.class')}
              searchable
              clearable
              disabled={rule !== null}
              placeholder={t('authority.anyClass')}
              value={classKey}
              onChange={setClass}
              data={(classes.data?.items ?? []).map((c) => ({ value: c.key, label: c.label }))}
            />
            <Select
              label={t('authority.field')}
              searchable
              clearable
              disabled={rule !== null}
              placeholder={t('authority.anyField')}
              value={field}
              onChange={(value) => setField(value)}
              data={assetValueFields.map((f) => ({ value: f, label: authorityFieldLabel(f) }))}
            />
          </div>
          <OrderEditor order={order} sources={sources} onChange={setOrder} />
          <NumberInput
            label={t('authority.otherTtl')}
            description={t('authority.ttlHint')}
            min={1}
            max={3650}
            allowDecimal={false}
            value={otherTtlDays}
            onChange={(value) => setOther(Number(value))}
          />
          <Preview body={body} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={order.length === 0}>
              {t('authority.apply')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function OrderEditor({ order, sources, onChange }: { order: Order; sources: readonly string[]; onChange: (next: Order) => void }) {
  const swap = (at: number, other: number): void =>
    onChange(order.map((o, i) => (i === at ? (order[other] ?? o) : i === other ? (order[at] ?? o) : o)));
  const missing = sources.filter((s) => !order.some((o) => o.source === s));
  return (
    <fieldset className="plain-fieldset">
      <legend>{t('authority.order')}</legend>
      <p className="dimmed">{t('authority.orderHint')}</p>
      <ol className="order-editor">
        {order.map((o, at) => {
          const name = wordOf(o.source);
          return (
            <li key={o.source}>
              <span className="order-name">{name}</span>
              <NumberInput
                size="xs"
                w={110}
                suffix={t('authority.daysSuffix')}
                aria-label={t('authority.ttlOf', { source: name })}
                min={1}
                max={3650}
                allowDecimal={false}
                value={o.ttlDays}
                onChange={(value) => onChange(order.map((x) => (x.source === o.source ? { ...x, ttlDays: Number(value) } : x)))}
              />
              <ActionIcon aria-label={t('authority.up', { source: name })} disabled={at === 0} onClick={() => swap(at, at - 1)}>
                <SortUpIcon />
              </ActionIcon>
              <ActionIcon
                aria-label={t('authority.down', { source: name })}
                disabled={at === order.length - 1}
                onClick={() => swap(at, at + 1)}
              >
                <SortDownIcon />
              </ActionIcon>
              <ActionIcon
                aria-label={t('authority.leaveOut', { source: name })}
                onClick={() => onChange(order.filter((x) => x.source !== o.source))}
              >
                <CloseIcon />
              </ActionIcon>
            </li>
          );
        })}
      </ol>
      {missing.length > 0 && (
        <Group gap={6}>
          <span className="dimmed">{t('authority.add')}</span>
          {missing.map((source) => (
            <Button
              key={source}
              variant="default"
              size="compact-xs"
              onClick={() => onChange([...order, { source, ttlDays: defaultTtlDays }])}
            >
              {wordOf(source)}
            </Button>
          ))}
        </Group>
      )}
    </fieldset>
  );
}

/** How many assets would change, with examples, before anything is written. */
function Preview({ body }: { body: AuthorityRuleBody }) {
  const [wanted] = useDebouncedValue(body, 400);
  const preview = useQuery({
    queryKey: [...keyOf(previewAuthorityRule), JSON.stringify(wanted)],
    queryFn: async ({ signal }) => (await call(previewAuthorityRule, { body: wanted, signal })).data,
    enabled: wanted.order.length > 0,
    placeholderData: keepPreviousData,
  });
  if (!preview.data) return <ProblemNotice error={preview.error} />;
  const { assets, examined, complete, examples } = preview.data;
  return (
    <div className="preview" aria-live="polite">
      <p>
        {tn('authority.preview', assets)}{' '}
        <span className="dimmed">{t(complete ? 'authority.examined' : 'authority.examinedPart', { count: number(examined) })}</span>
      </p>
      <ul>
        {examples.slice(0, 5).map((e) => (
          <li key={`${e.asset.id} ${e.field}`}>
            <AppLink to={`/assets/${e.asset.id}`}>{e.asset.label}</AppLink>{' '}
            <span className="dimmed">
              {authorityFieldLabel(e.field)}: {e.from ?? t('none.none')} → {e.to ?? t('none.none')}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
