import { Button, Group, NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { symbologies } from '@muster/api/codes';
import { type LabelDefinition, type LabelElement, labelFields, type LabelMedia, listLabelSheets } from '@muster/api/labels';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { t } from '../../app/messages.ts';
import { wordOf } from '../../ui/value-words.ts';
import { beginning } from './design.ts';
import { elementName } from './DesignerCanvas.tsx';

function Millimetres({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <NumberInput
      label={label}
      suffix=" mm"
      decimalScale={1}
      step={0.5}
      min={0}
      value={value}
      onChange={(next) => typeof next === 'number' && onChange(next)}
    />
  );
}

/** What the chosen element is, to the tenth of a millimetre. */
export function ElementForm({
  element,
  onChange,
  onRemove,
}: {
  element: LabelElement;
  onChange: (next: LabelElement) => void;
  onRemove: () => void;
}) {
  return (
    <fieldset className="plain-fieldset">
      <legend>{elementName(element)}</legend>
      <Stack gap="xs">
        {'content' in element && (
          <TextInput
            label={t('labels.content')}
            description={t('labels.contentHint', { fields: labelFields.map((field) => `{${field}}`).join(' ') })}
            value={element.content}
            onChange={(event) => onChange({ ...element, content: event.currentTarget.value })}
          />
        )}
        {element.type === 'code' && (
          <Select
            label={t('codes.symbology')}
            allowDeselect={false}
            data={symbologies.map((value) => ({ value, label: wordOf(value) }))}
            value={element.symbology}
            onChange={(value) => value && onChange({ ...element, symbology: value })}
          />
        )}
        {element.type === 'text' && (
          <>
            <Group grow>
              <NumberInput
                label={t('labels.size')}
                suffix=" pt"
                min={3}
                max={144}
                value={element.size}
                onChange={(size) => typeof size === 'number' && onChange({ ...element, size })}
              />
              <Select
                label={t('labels.align')}
                allowDeselect={false}
                data={(['left', 'center', 'right'] as const).map((value) => ({ value, label: t(`labels.align.${value}`) }))}
                value={element.align}
                onChange={(value) => value && onChange({ ...element, align: value })}
              />
            </Group>
            <Switch
              label={t('labels.bold')}
              checked={element.bold}
              onChange={(event) => onChange({ ...element, bold: event.currentTarget.checked })}
            />
          </>
        )}
        <Group grow>
          <Millimetres label={t('labels.x')} value={element.x} onChange={(x) => onChange({ ...element, x })} />
          <Millimetres label={t('labels.y')} value={element.y} onChange={(y) => onChange({ ...element, y })} />
        </Group>
        <Group grow>
          <Millimetres label={t('labels.width')} value={element.width} onChange={(width) => onChange({ ...element, width })} />
          <Millimetres label={t('labels.height')} value={element.height} onChange={(height) => onChange({ ...element, height })} />
        </Group>
        <Button variant="default" size="xs" onClick={onRemove}>
          {t('labels.removeElement')}
        </Button>
      </Stack>
    </fieldset>
  );
}

const sheetFields = ['pageWidth', 'pageHeight', 'marginLeft', 'marginTop', 'pitchX', 'pitchY'] as const;
const roll: LabelMedia = { kind: 'roll' };
const plainSheet: LabelMedia = {
  kind: 'sheet',
  pageWidth: 210,
  pageHeight: 297,
  columns: 3,
  rows: 8,
  marginLeft: 5,
  marginTop: 10,
  pitchX: 66,
  pitchY: 34,
};

/** What is printed on: a sheet as it is sold, one of one's own, or a roll. A new template is laid out anew for a sheet that is chosen. */
export function MediaForm({
  label,
  onChange,
  isNew,
}: {
  label: LabelDefinition;
  onChange: (next: LabelDefinition) => void;
  isNew: boolean;
}) {
  const sheets = useQuery(apiQuery(listLabelSheets, {}));
  const { media } = label;
  const items = sheets.data?.items ?? [];
  const matching = items.find(
    (one) => one.width === label.width && one.height === label.height && JSON.stringify(one.media) === JSON.stringify(media),
  );
  const choose = (key: string | null): void => {
    const sheet = items.find((one) => one.key === key);
    if (sheet) {
      const { width, height, media: next } = sheet;
      onChange(isNew ? beginning(width, height, next) : { ...label, width, height, media: next });
    } else onChange({ ...label, media: key === 'roll' ? roll : plainSheet });
  };
  return (
    <fieldset className="plain-fieldset">
      <legend>{t('labels.media')}</legend>
      <Stack gap="xs">
        <Select
          label={t('labels.stock')}
          allowDeselect={false}
          data={[
            { value: 'roll', label: t('labels.roll') },
            { value: 'own', label: t('labels.ownSheet') },
            ...items.map((one) => ({ value: one.key, label: one.label })),
          ]}
          value={media.kind === 'roll' ? 'roll' : (matching?.key ?? 'own')}
          onChange={choose}
        />
        <Group grow>
          <Millimetres label={t('labels.labelWidth')} value={label.width} onChange={(width) => onChange({ ...label, width })} />
          <Millimetres label={t('labels.labelHeight')} value={label.height} onChange={(height) => onChange({ ...label, height })} />
        </Group>
        {media.kind === 'sheet' && (
          <>
            <Group grow>
              {(['columns', 'rows'] as const).map((field) => (
                <NumberInput
                  key={field}
                  label={t(`labels.${field}`)}
                  min={1}
                  allowDecimal={false}
                  value={media[field]}
                  onChange={(value) => typeof value === 'number' && onChange({ ...label, media: { ...media, [field]: value } })}
                />
              ))}
            </Group>
            <div className="designer-pairs">
              {sheetFields.map((field) => (
                <Millimetres
                  key={field}
                  label={t(`labels.${field}`)}
                  value={media[field]}
                  onChange={(value) => onChange({ ...label, media: { ...media, [field]: value } })}
                />
              ))}
            </div>
          </>
        )}
      </Stack>
    </fieldset>
  );
}
