import { Skeleton, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { t } from '../app/messages.ts';
import { AppLink } from './AppLink.tsx';
import { useDocumentTitle } from './page-title.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

/** The head of any page: what it is, one line about it, and what can be done here. */
export function PageHead({
  title,
  line,
  actions,
  back,
}: {
  title: ReactNode;
  line?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
}) {
  return (
    <header className="page-head">
      <div className="page-head-text">
        {back && (
          <AppLink to={back.to} className="page-back">
            ← {back.label}
          </AppLink>
        )}
        <h1>{title}</h1>
        {line && <div className="page-line">{line}</div>}
      </div>
      {actions && <div className="page-actions">{actions}</div>}
    </header>
  );
}

export interface RecordTab {
  key: string;
  label: string;
  /** Shown beside the label: how many there are. */
  count?: number | undefined;
  content: () => ReactNode;
}

interface RecordPageProps {
  /** For the browser's title. */
  name: string;
  title: ReactNode;
  line: ReactNode;
  actions?: ReactNode;
  back: { to: string; label: string };
  tabs: RecordTab[];
  side?: ReactNode;
}

/** A record: one line that says what it is and who has it, its actions, tabs for the rest, and what happened at the side. The open tab is in the URL. */
export function RecordPage({ name, title, line, actions, back, tabs, side }: RecordPageProps) {
  useDocumentTitle(name);
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const navigate = useNavigate();
  const first = tabs[0]?.key ?? '';
  const tab = tabs.some((one) => one.key === search['tab']) ? (search['tab'] ?? first) : first;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a phone the tabs are wider than the screen: the open one is brought into view, without scrolling the page.
    const open = list.current?.querySelector<HTMLElement>('[aria-selected=true]');
    if (list.current && open) list.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - list.current.clientWidth / 2;
  }, [tab]);
  return (
    <div className="page">
      <PageHead title={title} line={line} actions={actions} back={back} />
      <div className={side ? 'record with-side' : 'record'}>
        <Tabs
          value={tab}
          onChange={(next) => void navigate({ to: '.', search: (next === first ? {} : { tab: next }) as never, replace: true })}
        >
          <Tabs.List className="record-tabs" aria-label={t('record.tabs')} ref={list}>
            {tabs.map((one) => (
              <Tabs.Tab key={one.key} value={one.key}>
                {one.label}
                {one.count !== undefined && <span className="tab-count number">{one.count}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {tabs.map((one) => (
            <Tabs.Panel key={one.key} value={one.key} pt="md">
              {one.key === tab && one.content()}
            </Tabs.Panel>
          ))}
        </Tabs>
        {side && <aside className="record-side">{side}</aside>}
      </div>
    </div>
  );
}

/** A page of one column: forms, settings, guidance. */
export function PlainPage({
  name,
  title,
  line,
  actions,
  back,
  children,
}: {
  name: string;
  title?: ReactNode;
  line?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}) {
  useDocumentTitle(name);
  return (
    <div className="page">
      <PageHead title={title ?? name} line={line} actions={actions} {...(back ? { back } : {})} />
      {children}
    </div>
  );
}

/** A page that is a list: its table takes the height that is left. */
export function ListPage({ name, line, actions, children }: { name: string; line?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useDocumentTitle(name);
  return (
    <div className="page list-page">
      <PageHead title={name} line={line} actions={actions} />
      {children}
    </div>
  );
}

/** A part of a page with a heading. */
export function Section({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="section">
      <div className="section-head">
        <h2>{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** Facts by name, in two columns where there is room. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Result<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** What a query gives, or that it is on its way, or what went wrong. */
export function Loaded<T>({ query, children }: { query: Result<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error)
    return (
      <div className="page">
        <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  return (
    <div className="page" aria-busy="true" aria-label={t('page.loading')} role="status">
      <Skeleton height={28} width="40%" mb="sm" />
      <Skeleton height={16} width="60%" mb="lg" />
      <Skeleton height={240} />
    </div>
  );
}
