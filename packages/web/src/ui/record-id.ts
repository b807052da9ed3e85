import { useParams } from '@tanstack/react-router';

/** The id in the address of a record page. */
export function useRecordId(): string {
  const params: Record<string, string | undefined> = useParams({ strict: false });
  return params['id'] ?? '';
}
