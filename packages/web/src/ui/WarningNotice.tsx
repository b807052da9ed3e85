import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import { WarningIcon } from './Icons.tsx';

/** What a person must not overlook here, in the manner of ProblemNotice; its colours keep their contrast in both themes. */
export function WarningNotice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Alert color="var(--warning)" variant="outline" icon={<WarningIcon />} title={title} w="100%">
      {children}
    </Alert>
  );
}
