import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { assetResource, releaseAssetField, type AssetRecord, type AssetValueField } from '@muster/api/assets';
import type { Ref } from '@muster/api/fields';
import { useState, type ReactNode } from 'react';
import { call } from '../../app/api.ts';
import { fieldLabel, t } from '../../app/messages.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { EditIcon, HistoryIcon } from '../../ui/Icons.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { Provenance } from '../../ui/Provenance.tsx';
import { useChange } from '../../ui/record-change.ts';
import { Section } from '../../ui/RecordPage.tsx';
import { Unknown, ValueCell } from '../../ui/ValueCell.tsx';
import { CustomSection } from './CustomSection.tsx';
import { FieldEditor } from './FieldEditor.tsx';
import { FieldHistory } from './FieldHistory.tsx';

const groups: [() => string, AssetValueField[]][] = [
  [() => t('asset.groupWhat'), ['name', 'tag', 'class', 'manufacturer', 'model', 'serial', 'warrantyStartsOn', 'warrantyEndsOn']],
  [() => t('asset.groupWho'), ['person', 'lastUser', 'place', 'orgUnit', 'domain']],
  [() => t('asset.groupMachine'), ['osName', 'osVersion', 'osFamily', 'cpu', 'cores', 'memoryMb']],
  [() => t('asset.groupNotes'), ['notes']],
];
/** What a computer has. */
const machineFields = new Set<AssetValueField>(['osName', 'osVersion', 'osFamily', 'cpu', 'cores', 'memoryMb']);
/** Told by the agent's platform alone; a person has nothing to add. */
const notEdited = new Set<AssetValueField>(['osFamily', 'lastUser']);

/** The record's values, each with its source, age and losing values, to be set by hand and released again. */
export function OverviewTab({ asset, mayEdit }: { asset: AssetRecord; mayEdit: boolean }) {
  const [editing, setEditing] = useState<AssetValueField | null>(null);
  const [shown, setShown] = useState<AssetValueField | null>(null);
  const release = useChange((field: AssetValueField) => call(releaseAssetField, { params: { id: asset.id, field } }), {
    message: t('asset.released'),
  });
  /** A switch or a printer has no operating system of its own to name: what nobody knows of it is left out. */
  const isMachine = asset.class.capabilities.includes('software');
  const holdable = asset.class.capabilities.includes('custody');
  const applies = (field: AssetValueField): boolean =>
    asset[field] !== null || ((isMachine || !machineFields.has(field)) && (holdable || field !== 'person'));
  useShortcuts([{ keys: 'e', label: t('asset.edit'), group: t('keys.thisPage'), run: () => setEditing('name') }], mayEdit);
  return (
    <>
      <ProblemNotice error={release.error} />
      <div className="fact-groups">
        {groups
          .filter(([, fields]) => fields.some(applies))
          .map(([title, fields]) => (
            <Section key={fields[0]} title={title()}>
              <dl className="facts one-column">
                {fields.filter(applies).map((field) => {
                  const provenance = asset.fields[field];
                  const label = labelOf(field);
                  return (
                    <div key={field}>
                      <dt>{label}</dt>
                      <dd>
                        <div className="fact-value">
                          <Provenance label={label} provenance={provenance}>
                            {valueOf(asset, field)}
                          </Provenance>
                        </div>
                        {asset.asOf === null && (
                          <span className="fact-actions">
                            <Tooltip label={t('asOf.historyOf', { field: label })}>
                              <ActionIcon size="sm" aria-label={t('asOf.historyOf', { field: label })} onClick={() => setShown(field)}>
                                <HistoryIcon width={13} height={13} />
                              </ActionIcon>
                            </Tooltip>
                            {mayEdit && provenance?.manual && (
                              <Button
                                variant="subtle"
                                size="compact-xs"
                                loading={release.isPending && release.variables === field}
                                onClick={() => release.mutate(field)}
                                title={t('asset.releaseHint')}
                              >
                                {t('asset.release')}
                              </Button>
                            )}
                            {mayEdit && !notEdited.has(field) && (
                              <Tooltip label={t('asset.editField', { field: label })}>
                                <ActionIcon size="sm" aria-label={t('asset.editField', { field: label })} onClick={() => setEditing(field)}>
                                  <EditIcon width={13} height={13} />
                                </ActionIcon>
                              </Tooltip>
                            )}
                          </span>
                        )}
                      </dd>
                    </div>
                  );
                })}
              </dl>
            </Section>
          ))}
      </div>
      <CustomSection asset={asset} mayEdit={mayEdit} />
      {shown && <FieldHistory asset={asset} field={shown} label={labelOf(shown)} mayEdit={mayEdit} onClose={() => setShown(null)} />}
      {editing && <FieldEditor asset={asset} field={editing} label={labelOf(editing)} onClose={() => setEditing(null)} />}
    </>
  );
}

function labelOf(field: AssetValueField): string {
  return field === 'notes' ? t('asset.notes') : fieldLabel(assetResource.fields[field].label);
}

function valueOf(asset: AssetRecord, field: AssetValueField): ReactNode {
  if (field === 'class') return asset.class.label;
  const value: string | number | Ref | null = asset[field];
  if (field === 'notes') return value === null ? <Unknown word={t('none.none')} /> : <span className="wrap">{String(value)}</span>;
  return <ValueCell resource="assets" name={field} field={assetResource.fields[field]} value={value} />;
}
