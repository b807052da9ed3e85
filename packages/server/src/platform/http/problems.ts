import { errorCatalogue, Problem, type ErrorCode, type FieldError, type ProblemDocument } from '@muster/api/errors';
import type { z } from 'zod';

/** The problem document of a Problem (RFC 9457). `type` is the page that explains the code. */
export function problemDocument(problem: Problem, requestId: string): ProblemDocument {
  const { title, status } = errorCatalogue[problem.code];
  return {
    type: `/docs/errors/${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(problem.message === title ? {} : { detail: problem.message }),
    requestId,
    ...(problem.errors ? { errors: problem.errors } : {}),
  };
}

/** What the HTTP library itself refuses, in our words. */
const foreignCodes: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this route accepts.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media', 'This route does not take this content type; most take application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['body_not_readable', 'The body is empty, but its content type says JSON.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['body_not_readable', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['body_not_readable', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['validation_failed', 'The path is not a valid URL path.'],
  FST_ERR_NOT_FOUND: ['not_found', 'There is no such route.'],
  FST_UNDER_PRESSURE: ['unavailable', 'The server is overloaded; try again in a few seconds.'],
};

/**
 * Any thrown value as a Problem: ours as it is, the HTTP library's refusals translated, everything else `internal` with the cause kept
 * for the log.
 */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  const foreign = code === undefined ? undefined : foreignCodes[code];
  if (foreign) return new Problem(foreign[0], foreign[1], { cause: error });
  if (statusCode === 413) return new Problem('too_large', undefined, { cause: error });
  if (statusCode === 415) return new Problem('unsupported_media', undefined, { cause: error });
  if (statusCode === 429) return new Problem('too_many_requests', undefined, { cause: error });
  if (statusCode === 400 || error instanceof SyntaxError)
    return new Problem('body_not_readable', 'The request could not be read.', { cause: error });
  return new Problem('internal', undefined, { cause: error });
}

/** Every broken rule of a failed parse, one per field and rule. `root` names the value itself, for example `body`. */
export function fieldErrors(error: z.ZodError, root: string): FieldError[] {
  return error.issues.flatMap((issue) => issueErrors(issue, root));
}

function issueErrors(issue: z.core.$ZodIssue, root: string): FieldError[] {
  const field = fieldName(issue.path) || root;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: field === root ? key : `${field}.${key}`,
      code: 'unknown_field',
      message: 'is not a field here',
    }));
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [{ field, code: 'required', message: messageOf(issue, 'is required') }];
  if (issue.code === 'invalid_value' && issue.input === undefined) return [{ field, code: 'required', message: 'is required' }];
  return [{ field, code: issueCode(issue), message: issue.message }];
}

/** A schema's own words stand; zod's default sentence about `undefined` is replaced. */
const messageOf = (issue: { message: string }, instead: string): string =>
  issue.message.startsWith('Invalid input') ? instead : issue.message;

function issueCode(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return typeof issue.params?.['code'] === 'string' ? issue.params['code'] : 'invalid';
  if (issue.code === 'too_small') return issue.origin === 'string' || issue.origin === 'array' ? 'too_short' : 'too_small';
  if (issue.code === 'too_big') return issue.origin === 'string' || issue.origin === 'array' ? 'too_long' : 'too_big';
  if (issue.code === 'invalid_value') return 'not_allowed';
  if (issue.code === 'invalid_type') return 'wrong_type';
  return issue.code === 'invalid_format' ? 'wrong_format' : 'invalid';
}

/** `roles[0].scope.kind` */
function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
}
