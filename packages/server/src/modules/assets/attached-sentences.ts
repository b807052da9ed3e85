/** What an event of files, notes or keywords says to people; null for another kind. */
export function attachedSentence(kind: string, data: Record<string, unknown>): string | null {
  const text = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  const words = Array.isArray(data['keywords']) ? data['keywords'].join(', ') : '';
  switch (kind) {
    case 'file_attached':
      return `The file ${text('name')} was attached.`;
    case 'file_removed':
      return `The file ${text('name')} was removed.`;
    case 'note_added':
      return `Note: ${text('text')}`;
    case 'note_edited':
      return `Note, edited: ${text('text')}`;
    case 'note_removed':
      return 'A note was removed.';
    case 'keywords_added':
      return `Keywords added: ${words}.`;
    case 'keywords_taken':
      return `Keywords taken off: ${words}.`;
    default:
      return null;
  }
}
