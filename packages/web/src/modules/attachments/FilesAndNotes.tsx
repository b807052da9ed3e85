import type { AttachedRoutes } from '@muster/api/attachments';
import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../../app/api.ts';
import { Loaded } from '../../ui/RecordPage.tsx';
import { Files } from './Files.tsx';
import { Notes } from './Notes.tsx';

export interface AttachedProps {
  /** The routes of the kind of record. */
  routes: AttachedRoutes;
  id: string;
  mayEdit: boolean;
}

/** The files and notes of one record. */
export function FilesAndNotes(props: AttachedProps) {
  const query = useQuery(apiQuery(props.routes.get, { params: { id: props.id } }));
  return (
    <Loaded query={query}>
      {({ attachments, notes }) => (
        <>
          <Files {...props} files={attachments} />
          <Notes {...props} notes={notes} />
        </>
      )}
    </Loaded>
  );
}
