import { Button, CloseButton, Combobox, TextInput, useCombobox } from '@mantine/core';
import type { ApiProblem } from '@muster/api/client';
import type { FieldError } from '@muster/api/errors';
import type { Resource } from '@muster/api/fields';
import type { Facets } from '@muster/api/listing';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useShortcuts } from '../../app/shortcuts.ts';
import { t } from '../../app/messages.ts';
import { SearchIcon } from '../Icons.tsx';
import { exampleOf, suggestionsFor, tokenAt } from './completion.ts';
import { splitFilter } from './list-state.ts';

const typingPauseMs = 250;

interface Props {
  resource: Resource;
  facets: Facets | undefined;
  value: string;
  onChange: (value: string, options?: { replace?: boolean }) => void;
  /** The filter's problem, shown under the bar with its suggestions. */
  problem: ApiProblem | null;
  /** The filter as it was sent, which the problem's positions count in. */
  sent: string;
  /** `/` puts the caret here. */
  shortcut?: boolean;
}

/** One line for both: words to search for and typed filters, with completion of names, operators and values. */
export function FilterBar({ resource, facets, value, onChange, problem, sent, shortcut = true }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(0);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    // Changed from elsewhere (a facet, the back button): that is what the bar says now. Not while somebody types here.
    if (value.trim() !== text.trim() && document.activeElement !== input.current) setText(value);
  }
  useShortcuts([{ keys: '/', label: t('keys.filter'), group: t('keys.lists'), run: () => input.current?.focus() }], shortcut);

  // Bare words search while they are typed. A typed filter waits for Enter, as half of one would be wrong or empty.
  useEffect(() => {
    if (text.trim() === value.trim() || splitFilter(text).filter !== splitFilter(value).filter) return;
    const timer = setTimeout(() => onChange(text.trim(), { replace: true }), typingPauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);

  const at = tokenAt(text, caret);
  const suggestions = useMemo(() => suggestionsFor(resource, facets, at.token), [resource, facets, at.token]);

  const replaceToken = (replacement: string, open: boolean): void => {
    const before = text.slice(0, at.start) + replacement + (open ? '' : ' ');
    const next = before + text.slice(at.end).trimStart();
    setText(next);
    setCaret(before.length);
    requestAnimationFrame(() => input.current?.setSelectionRange(before.length, before.length));
    if (open) {
      combobox.openDropdown();
      // The half-typed name was searched for as a word; now it is the beginning of a filter.
      onChange(`${text.slice(0, at.start)}${text.slice(at.end)}`.trim(), { replace: true });
    } else {
      combobox.closeDropdown();
      onChange(next.trim());
    }
  };
  const pick = (chosen: string): void => {
    const suggestion = suggestions.find((s) => s.text === chosen);
    if (suggestion) replaceToken(suggestion.text, suggestion.open);
  };
  const follow = (): void => setCaret(input.current?.selectionStart ?? 0);

  return (
    <div className="filter">
      <Combobox store={combobox} onOptionSubmit={pick} position="bottom-start" shadow="sm" middlewares={{ flip: false, shift: true }}>
        <Combobox.Target>
          <TextInput
            ref={input}
            size="sm"
            aria-label={t('table.filterLabel', { plural: resource.plural })}
            placeholder={t('table.filterPlaceholder', { example: exampleOf(resource) })}
            leftSection={<SearchIcon />}
            rightSection={
              text ? (
                <CloseButton
                  size="sm"
                  aria-label={t('table.clearFilter')}
                  onClick={() => {
                    setText('');
                    onChange('');
                    input.current?.focus();
                  }}
                />
              ) : null
            }
            value={text}
            error={problem !== null}
            aria-describedby={problem ? 'filter-problem' : undefined}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setCaret(event.currentTarget.selectionStart ?? 0);
              combobox.openDropdown();
              combobox.resetSelectedOption();
            }}
            onSelect={follow}
            onClick={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (!combobox.dropdownOpened || combobox.getSelectedOptionIndex() === -1)) {
                event.preventDefault();
                combobox.closeDropdown();
                onChange(text.trim());
              } else if (event.key === 'Escape') {
                if (combobox.dropdownOpened) combobox.closeDropdown();
                else input.current?.blur();
              }
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={suggestions.length === 0} className="filter-suggestions">
          <Combobox.Options aria-label={t('table.suggestions')}>
            {suggestions.map((s) => (
              <Combobox.Option key={s.text} value={s.text}>
                <span className={s.open ? 'mono' : undefined}>{s.label}</span>
                <span className="filter-hint">{s.hint}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {problem && (
        <FilterProblem
          problem={problem}
          onCorrect={(where, word) => {
            const next = replaceWord(text, sent, where, word);
            setText(next);
            onChange(next.trim());
          }}
        />
      )}
    </div>
  );
}

/** What is wrong with the filter, with the nearest words to choose. */
function FilterProblem({ problem, onCorrect }: { problem: ApiProblem; onCorrect: (at: FieldError['at'], word: string) => void }) {
  return (
    <div id="filter-problem" className="filter-problem" role="alert">
      {(problem.errors ?? [{ field: '', code: problem.code, message: problem.message, suggestions: [] }]).map((e) => (
        <p key={e.message}>
          {e.message}{' '}
          {e.suggestions?.map((s) => (
            <Button key={s} variant="default" size="compact-xs" onClick={() => onCorrect(e.at, s)}>
              {s}
            </Button>
          ))}
        </p>
      ))}
    </div>
  );
}

/** The text with the word the server stumbled over replaced by its suggestion. */
function replaceWord(text: string, sent: string, at: number | undefined, right: string): string {
  const wrong = at === undefined ? undefined : /^(?:"[^"]*"|[^\s:<>=()"]+)/.exec(sent.slice(at))?.[0];
  return wrong && text.includes(wrong) ? text.replace(wrong, right) : `${text} ${right}`;
}
