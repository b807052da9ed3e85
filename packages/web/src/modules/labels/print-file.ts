import { ApiProblem } from '@muster/api/client';
import type { ProblemDocument } from '@muster/api/errors';
import { printLabels } from '@muster/api/labels';
import type { CallOf } from '@muster/api/route';

/** Prints labels into a file and hands it to the person. Throws ApiProblem. */
export async function printToFile(body: CallOf<typeof printLabels>['body']): Promise<void> {
  const answer = await fetch(printLabels.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-muster-request': '1' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new ApiProblem((await answer.json()) as ProblemDocument);
  const name = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '')?.[1] ?? 'labels';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
