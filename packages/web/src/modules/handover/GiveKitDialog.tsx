import './handover.css';
import { Select, Text, TextInput } from '@mantine/core';
import type { Ref } from '@muster/api/fields';
import { getPersonHandover, type HandoverLanguage } from '@muster/api/handover';
import { giveKit, kitListRoutes, proposeKit, type KitCandidate, type KitProposal } from '@muster/api/kits';
import { personListRoutes } from '@muster/api/people';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { apiQuery, call, queryClient } from '../../app/api.ts';
import { currentLanguage, t, tn } from '../../app/messages.ts';
import { useFollow } from '../../ui/AppLink.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { RefSelect } from '../../ui/RefSelect.tsx';
import { CustodyDialog } from '../custody/CustodyDialog.tsx';
import { lookUp } from '../labels/scan-set.ts';
import { useKitLineWords } from './kit-words.ts';

/** What a person chose, by line and place in it; null is left out. Other places take what is proposed. */
type Picked = Record<string, KitCandidate | null>;
const slotKey = (line: number, place: number): string => `${line}.${place}`;

/** The asset in each place of each line; null where stock has none, or where it is left out. */
function chosenOf(lines: KitProposal['lines'], picked: Picked): (KitCandidate | null)[][] {
  const used = new Set(Object.values(picked).flatMap((one) => (one ? [one.id] : [])));
  return lines.map(({ line, proposed, others }, index) =>
    Array.from({ length: line.count }, (_, place) => {
      const key = slotKey(index, place);
      if (key in picked) return picked[key] ?? null;
      const own = proposed[place];
      const found =
        own && !used.has(own.id) ? own : [...others, ...proposed].find((one) => !used.has(one.id) && !proposed.slice(place).includes(one));
      if (found) used.add(found.id);
      return found ?? null;
    }),
  );
}

const proposalQuery = (kit: string, prefer: readonly string[]) =>
  apiQuery(proposeKit, { params: { id: kit }, query: prefer.length > 0 ? { prefer: prefer.join(',') } : {} });

const languageWords = { en: 'language.en', de: 'language.de' } as const;

/** Gives a kit to a person: which asset for which line, what is missing, and the hand-over document, in one action. */
export function GiveKitDialog({ kit: ofPage, person: to, onClose }: { kit?: Ref; person?: Ref; onClose: () => void }) {
  const follow = useFollow();
  const [kit, setKit] = useState<Ref | null>(ofPage ?? null);
  const [person, setPerson] = useState<Ref | null>(to ?? null);
  const [prefer, setPrefer] = useState<string[]>([]);
  const [picked, setPicked] = useState<Picked>({});
  const [due, setDue] = useState('');
  const [language, setLanguage] = useState<HandoverLanguage | null>(currentLanguage() === 'de' ? 'de' : 'en');
  const proposal = useQuery({ ...proposalQuery(kit?.id ?? '', prefer), enabled: kit !== null, placeholderData: keepPreviousData });
  const handover = useQuery({
    ...apiQuery(getPersonHandover, { params: { id: person?.id ?? '' } }),
    enabled: person !== null,
    placeholderData: keepPreviousData,
  });
  const languages = handover.data?.languages ?? ['en', 'de'];
  const made = useRef<Ref | null>(null);
  const lines = kit && proposal.data ? proposal.data.lines : [];
  const chosen = chosenOf(lines, picked);
  const assets = chosen.flat().flatMap((one) => (one ? [one] : []));
  const document = language && languages.includes(language) ? language : null;
  const body = {
    personId: person?.id ?? '',
    assets: assets.map((one) => one.id),
    dueOn: due || null,
    ...(document ? { document } : {}),
  };
  const take = async (code: string): Promise<string | null> => {
    const { asset } = await lookUp(code);
    if (!asset || !kit) return t('kit.scanUnknown', { code });
    const wanted = [...prefer.filter((id) => id !== asset.id), asset.id];
    const answer = await queryClient.fetchQuery(proposalQuery(kit.id, wanted));
    const line = answer.lines.findIndex((one) => [...one.proposed, ...one.others].some((each) => each.id === asset.id));
    const candidate = [...(answer.lines[line]?.proposed ?? []), ...(answer.lines[line]?.others ?? [])].find((one) => one.id === asset.id);
    if (!candidate) return t('kit.scanUnfit', { name: asset.name ?? asset.tag ?? code });
    if (assets.some((one) => one.id === asset.id)) return null;
    const places = chosen[line] ?? [];
    // An empty place first, then one that nobody has chosen by hand, then the last.
    const free = [places.indexOf(null), places.findIndex((_, place) => !(slotKey(line, place) in picked)), places.length - 1];
    setPrefer(wanted);
    setPicked({ ...picked, [slotKey(line, free.find((place) => place >= 0) ?? 0)]: candidate });
    return null;
  };
  return (
    <CustodyDialog
      title={t('kit.give')}
      assets={assets}
      values={{ kit: kit?.id, ...body }}
      ready={kit !== null && person !== null && !proposal.isPlaceholderData}
      run={async (how) => {
        const { data } = await call(giveKit, { params: { id: kit?.id ?? '' }, body: { ...body, ...how } });
        if (!how.preview) made.current = data.document;
        return data;
      }}
      done={(count) => tn('kit.given', count)}
      onClose={() => {
        onClose();
        if (made.current) follow(`/handover-documents/${made.current.id}`);
      }}
    >
      {!ofPage && (
        <RefSelect
          routes={kitListRoutes}
          label={t('kit.kit')}
          required
          value={kit}
          onChange={(next) => {
            setKit(next);
            setPicked({});
            setPrefer([]);
          }}
        />
      )}
      {!to && (
        <RefSelect routes={personListRoutes} filter="active:true" label={t('kit.person')} required value={person} onChange={setPerson} />
      )}
      <ProblemNotice error={proposal.error} />
      {kit && <ScanInput onCode={take} />}
      <Lines lines={lines} chosen={chosen} picked={picked} onPicked={setPicked} />
      <TextInput
        type="date"
        label={t('custody.due')}
        description={t('custody.dueHint')}
        value={due}
        onChange={(event) => setDue(event.currentTarget.value)}
      />
      <Select
        label={t('kit.document')}
        placeholder={t('kit.noDocument')}
        data={languages.map((value) => ({ value, label: t(languageWords[value]) }))}
        value={document}
        onChange={(value) => setLanguage(value)}
        clearable
      />
    </CustodyDialog>
  );
}

interface LinesProps {
  lines: KitProposal['lines'];
  chosen: (KitCandidate | null)[][];
  picked: Picked;
  onPicked: (picked: Picked) => void;
}

const labelOf = (one: KitCandidate): string => [...new Set([one.tag, one.label, one.model, one.serial])].filter(Boolean).join(' · ');

function Lines({ lines, chosen, picked, onPicked }: LinesProps) {
  const wordsOf = useKitLineWords();
  const used = new Set(chosen.flat().map((one) => one?.id));
  return lines.map(({ line, proposed, others }, index) => {
    const what = wordsOf(line);
    const places = chosen[index] ?? [];
    const missing = places.filter((one, place) => one === null && !(slotKey(index, place) in picked)).length;
    return (
      <div key={`${what} ${index}`}>
        {places.map((one, place) => {
          const key = slotKey(index, place);
          if (one === null && !(key in picked)) return null;
          const options = [...new Map([one, ...proposed, ...others].flatMap((each) => (each ? [[each.id, each]] : []))).values()];
          return (
            <Select
              key={key}
              mb="xs"
              label={t('kit.slot', { what, number: place + 1, count: line.count }) + (line.optional ? ` (${t('kit.optional')})` : '')}
              placeholder={t('kit.leftOut')}
              searchable
              clearable
              data={options
                .filter((each) => each.id === one?.id || !used.has(each.id))
                .map((each) => ({ value: each.id, label: labelOf(each) }))}
              value={one?.id ?? null}
              onChange={(id) => onPicked({ ...picked, [key]: options.find((each) => each.id === id) ?? null })}
            />
          );
        })}
        {missing > 0 && (
          <Text size="sm" role="status">
            {t('kit.missing', { count: missing, what })}
          </Text>
        )}
      </div>
    );
  });
}

/** A code of a label, by a wedge scanner or typed. */
function ScanInput({ onCode }: { onCode: (code: string) => Promise<string | null> }) {
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (): Promise<void> => {
    try {
      setProblem(await onCode(code.trim()));
    } catch {
      setProblem(t('kit.scanUnknown', { code: code.trim() }));
    }
    setCode('');
  };
  return (
    <TextInput
      label={t('kit.scan')}
      description={t('kit.scanHint')}
      value={code}
      onChange={(event) => setCode(event.currentTarget.value)}
      error={problem}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        // Enter ends the code; it must not give the kit.
        event.preventDefault();
        if (code.trim()) void take();
      }}
    />
  );
}
