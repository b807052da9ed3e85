import type { Attachment } from '@muster/api/attachments';
import { ApiProblem } from '@muster/api/client';
import type { ProblemDocument } from '@muster/api/errors';

/**
 * Sends a file as the body of a request and says how much of it is on its way, from 0 to 1. Not by `fetch`, which does not tell that.
 * @throws ApiProblem for what the server refused; TypeError when there was no answer
 */
export function sendFile(url: string, file: File, onProgress: (share: number) => void): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.responseType = 'json';
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-muster-request', '1');
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    });
    request.addEventListener('error', () => reject(new TypeError('The connection broke while the file was sent.')));
    request.addEventListener('load', () => {
      const answer: unknown = request.response;
      if (request.status === 201) resolve(answer as Attachment);
      else reject(new ApiProblem(problemOf(request.status, answer)));
    });
    request.send(file);
  });
}

function problemOf(status: number, answer: unknown): ProblemDocument {
  if (typeof answer === 'object' && answer !== null && 'code' in answer) return answer as ProblemDocument;
  return { type: 'about:blank', title: `The server answered ${status}`, status, code: 'internal' };
}
