import { Button, Checkbox, FileInput, Group, Stack } from '@mantine/core';
import { readSnmpWalk, type WalkAnswer } from '@muster/api/network';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { t, tn } from '../../app/messages.ts';
import { AppLink } from '../../ui/AppLink.tsx';
import { number } from '../../ui/formatting.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useChange } from '../../ui/record-change.ts';
import { PlainPage, Section } from '../../ui/RecordPage.tsx';
import { SimpleTable } from '../../ui/SimpleTable.tsx';
import { Unknown } from '../../ui/ValueCell.tsx';
import { wordOf } from '../../ui/value-words.ts';
import { ComponentTable, NeighbourTable, PortTable } from '../assets/NetworkTables.tsx';

/** Shows what device the recorded walk of a file speaks of; on request it becomes an observation. */
export function WalkPage() {
  const [file, setFile] = useState<File | null>(null);
  const [keep, setKeep] = useState(false);
  const read = useChange(async (values: { file: File; keep: boolean }) => {
    const content = await packed(values.file);
    return (await call(readSnmpWalk, { body: { content, keep: values.keep } })).data;
  });
  return (
    <PlainPage name={t('nav.walks')} line={t('walk.line')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file) read.mutate({ file, keep });
        }}
      >
        <Stack gap="sm" maw={560}>
          <FileInput
            label={t('walk.file')}
            description={t('walk.fileHint')}
            placeholder={t('walk.choose')}
            required
            value={file}
            onChange={setFile}
          />
          <Checkbox
            label={t('walk.keep')}
            description={t('walk.keepHint')}
            checked={keep}
            onChange={(e) => setKeep(e.currentTarget.checked)}
          />
          <Group>
            <Button type="submit" disabled={file === null} loading={read.isPending}>
              {t('walk.read')}
            </Button>
          </Group>
          <ProblemNotice error={read.error} />
        </Stack>
      </form>
      {read.data && <Answer answer={read.data} />}
    </PlainPage>
  );
}

/** The file packed by gzip, in base64: a walk shrinks to a tenth. */
async function packed(file: File): Promise<string> {
  const stream = file.stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function Answer({ answer }: { answer: WalkAnswer }) {
  const { device, kept } = answer;
  const days = device.uptimeSeconds === null ? null : Math.floor(device.uptimeSeconds / 86_400);
  const facts: [string, string | null][] = [
    [t('hardware.type'), device.type === null ? null : wordOf(device.type)],
    [t('hardware.manufacturer'), device.vendor],
    [t('walk.model'), device.model],
    [t('hardware.serial'), device.serial],
    [t('hardware.name'), device.name],
    [t('hardware.firmware'), device.firmware],
    [t('walk.location'), device.location],
    [t('walk.contact'), device.contact],
    [t('walk.uptime'), days === null ? null : tn('walk.days', days)],
    [t('hardware.mac'), device.mac],
    [t('hardware.ips'), device.ips.join(', ') || null],
    [t('walk.objectId'), device.objectId],
    [t('walk.description'), device.description],
  ];
  return (
    <>
      {kept && (
        <Section title={t('walk.kept')}>
          {kept.asset ? <AppLink to={`/assets/${kept.asset.id}`}>{kept.asset.label}</AppLink> : t('walk.heldOnly')}
        </Section>
      )}
      {answer.warnings.length > 0 && (
        <Section title={t('walk.warnings')}>
          <ul className="plain">
            {answer.warnings.map((w) => (
              <li key={w.code}>{w.message}</li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t('walk.device')} actions={<span className="dimmed">{tn('walk.rows', answer.rows)}</span>}>
        <dl className="facts">
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value ?? <Unknown />}</dd>
            </div>
          ))}
        </dl>
        <p className="dimmed">
          {t('walk.counts', {
            forwarding: number(device.counts.forwarding),
            arp: number(device.counts.arp),
            software: number(device.counts.software),
          })}
        </p>
      </Section>
      <SimpleTable
        title={t('walk.supplies')}
        rows={device.supplies}
        columns={[
          [t('hardware.name'), (s) => s.description],
          [t('walk.level'), (s) => (s.percent === null ? <Unknown /> : `${number(s.percent)} %`), true],
        ]}
      />
      <PortTable rows={device.ports} />
      <ComponentTable rows={device.components} />
      <NeighbourTable rows={device.neighbours} />
    </>
  );
}
