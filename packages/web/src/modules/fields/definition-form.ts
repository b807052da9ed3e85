import type { CustomField, CustomFieldCreate, CustomOption } from '@muster/api/custom-fields';
import { orNull } from '../../ui/forms.ts';

/** What the form of a definition holds. */
export interface DefinitionForm {
  [name: string]: unknown;
  resource: CustomField['resource'];
  key: string;
  label: string;
  type: CustomField['type'];
  unit: string;
  options: string;
  pattern: string;
  help: string;
  class: string | null;
  position: number;
  required: boolean;
  unique: boolean;
  indexed: boolean;
  default: unknown;
}

export const initialForm = (field: CustomField | undefined): DefinitionForm => ({
  resource: field?.resource ?? 'assets',
  key: field?.key ?? '',
  label: field?.label ?? '',
  type: field?.type ?? 'text',
  unit: field?.unit ?? '',
  options: (field?.options ?? []).map((o) => `${o.retired ? '# ' : ''}${o.value} = ${o.label}`).join('\n'),
  pattern: field?.pattern ?? '',
  help: field?.help ?? '',
  class: field?.class ?? null,
  position: field?.position ?? 0,
  required: field?.required ?? false,
  unique: field?.unique ?? false,
  indexed: field?.indexed ?? false,
  default: field?.default ?? null,
});

/** `A good label` as a key: `a_good_label`. */
export function keyOfLabel(label: string): string {
  const plain = label.normalize('NFKD').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '')
    .slice(0, 60);
}

/** The options out of their lines; a line without a value gets one from its label. */
export function readOptions(text: string): CustomOption[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const retired = line.startsWith('#');
      const [first = '', ...rest] = line.replace(/^#\s*/, '').split('=');
      const label = rest.join('=').trim() || first.trim();
      const value = rest.length > 0 ? first.trim() : keyOfLabel(first);
      return { value, label, ...(retired ? { retired } : {}) };
    });
}

/** What of the form can be sent for its type; the key and resource go only with a new one. */
export function definitionOf(form: DefinitionForm): Omit<CustomFieldCreate, 'key' | 'resource' | 'classDefaults' | 'default'> {
  const { label, type, required, unique, indexed, position } = form;
  const isChoice = type === 'choice' || type === 'multi_choice';
  return {
    label,
    type,
    required: type !== 'encrypted' && required,
    unique,
    indexed: type !== 'encrypted' && indexed,
    position,
    unit: type === 'number' ? orNull(form.unit) : null,
    options: isChoice ? readOptions(form.options) : [],
    pattern: type === 'text' ? orNull(form.pattern) : null,
    help: orNull(form.help),
    class: form.resource === 'assets' || form.resource === 'models' ? form.class : null,
  };
}
