import { useNavigate, useSearch } from '@tanstack/react-router';
import type { SavedView } from '@muster/api/saved-views';
import { useState } from 'react';

/** What a list shows, as its URL says it. `filter` is the text of the filter bar: words to search for and typed filters. */
export interface ListState {
  filter: string;
  sort: string;
  /** Comma-separated names of the visible columns; empty is the default. */
  columns: string;
  /** The id of the saved view it began with. */
  view?: string;
}
export type ListStateChange = (patch: Partial<ListState>, options?: { replace?: boolean }) => void;

/** The tokens of a filter text: quoted strings and brackets are kept whole. */
export function tokensOf(text: string): string[] {
  return text.match(/(?:"(?:\\.|[^"\\])*"?|\[[^\]]*\]?|\([^)]*\)?|[^\s"[(])+/g) ?? [];
}

const isTyped = (token: string): boolean => /^-?[\p{L}_][\p{L}\p{N}_.]*\s*(:|<|>|=)/u.test(token);
const isOperator = (token: string): boolean => /^(AND|OR|NOT)$/.test(token) || token.startsWith('(') || token.startsWith('-(');

/**
 * Divides the text of the bar into what is searched for (`q`, bare words) and what is filtered by. With AND, OR, NOT or
 * brackets the whole text is one filter, as only the filter language knows what they mean.
 */
export function splitFilter(text: string): { q: string; filter: string } {
  const tokens = tokensOf(text);
  if (tokens.some(isOperator)) return { q: '', filter: text.trim() };
  const words = tokens.filter((token) => !isTyped(token)).map((token) => token.replace(/^"(.*)"$/, '$1'));
  return { q: words.join(' '), filter: tokens.filter(isTyped).join(' ') };
}

/** The text with `token` added, or without it when it is there. */
export function toggleToken(text: string, token: string): string {
  const tokens = tokensOf(text);
  return tokens.includes(token) ? tokens.filter((t) => t !== token).join(' ') : [...tokens, token].join(' ');
}

export function hasToken(text: string, token: string): boolean {
  return tokensOf(text).includes(token);
}

/** What a list shows by a saved view. What can no longer be read is left out, but for the filter: its bar explains what is wrong. */
export function stateOfView(view: SavedView): ListState {
  const broken = new Set(view.problems.map((p) => p.field));
  return {
    filter: [view.q, view.filter].filter(Boolean).join(' '),
    sort: broken.has('sort') ? '' : (view.sort ?? ''),
    columns: view.columns?.join(',') ?? '',
    view: view.id,
  };
}

/** The address of a list that shows a saved view. */
export function viewPath(page: string, view: SavedView): string {
  const kept = Object.entries(stateOfView(view)).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `${page}?${new URLSearchParams(kept).toString()}`;
}

/** The list's state lives in the URL, so it can be shared, bookmarked and gone back to. */
export function useUrlListState(): [ListState, ListStateChange] {
  const search: Record<string, string | undefined> = useSearch({ strict: false });
  const navigate = useNavigate();
  const state: ListState = {
    filter: search['filter'] ?? '',
    sort: search['sort'] ?? '',
    columns: search['columns'] ?? '',
    view: search['view'] ?? '',
  };
  const change: ListStateChange = (patch, options) => {
    const next = { ...search, ...state, ...patch };
    const kept = Object.fromEntries(Object.entries(next).filter(([, value]) => value));
    void navigate({ to: '.', search: kept as never, replace: options?.replace ?? false });
  };
  return [state, change];
}

/** For a list inside another page, whose state is not worth an address. */
export function useLocalListState(initial: Partial<ListState> = {}): [ListState, ListStateChange] {
  const [state, setState] = useState<ListState>({ filter: '', sort: '', columns: '', ...initial });
  return [state, (patch) => setState((old) => ({ ...old, ...patch }))];
}
