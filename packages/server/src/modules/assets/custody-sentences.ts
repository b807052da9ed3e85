/** What an event of custody, placement or condition says to people; null for another kind. */
export function custodySentence(kind: string, data: Record<string, unknown>): string | null {
  const text = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  const due = text('dueOn') === '' ? '' : `, due on ${text('dueOn')}`;
  const condition = text('condition') === '' ? '' : `, ${text('condition')}`;
  const note = text('note') === '' ? '' : ` ${text('note')}`;
  const since = text('at') === '' ? '' : ` (as of ${text('at').slice(0, 16).replace('T', ' ')} UTC)`;
  switch (kind) {
    case 'checked_out':
      return `Checked out to ${text('holder')}${due}${condition}${since}.${note}`;
    case 'checked_in':
      return `Checked in from ${text('holder')}${text('place') === '' ? '' : ` to ${text('place')}`}${condition}${since}.${note}`;
    case 'handed_over':
      return `Handed over from ${text('from')} to ${text('holder')}${due}${condition}${since}.${note}`;
    case 'due_changed':
      return text('dueOn') === '' ? `No longer due.${note}` : `Due on ${text('dueOn')} instead of ${text('from') || 'no day'}.${note}`;
    case 'placed':
      return `Put in ${text('place')}${since}.${note}`;
    case 'condition_set':
      return `Condition: ${text('condition')}${since}.${note}`;
    default:
      return /^(?:handover|task)_/.test(kind) && text('sentence') !== '' ? text('sentence') : null;
  }
}
