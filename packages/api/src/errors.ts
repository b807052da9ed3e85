import { z } from 'zod';

/**
 * Every error a caller can act on. The code is the only discriminator a client may switch on; each has its page in
 * docs/errors/<code>.md, which is also the `type` URL of the problem document (RFC 9457).
 */
export const errorCatalogue = {
  validation_failed: { status: 400, title: 'Some fields are not valid' },
  bad_filter: { status: 400, title: 'The filter cannot be read' },
  bad_cursor: { status: 400, title: 'The page cursor is not valid for this list' },
  body_not_readable: { status: 400, title: 'The body could not be read' },
  not_signed_in: { status: 401, title: 'Sign in first' },
  wrong_credentials: { status: 401, title: 'E-mail or password is wrong' },
  unknown_key: { status: 401, title: 'The enrolment key is not known' },
  forbidden: { status: 403, title: 'You may not do this' },
  csrf: { status: 403, title: 'The request did not come from the application' },
  not_found: { status: 404, title: 'There is no such thing here' },
  conflict: { status: 409, title: 'It conflicts with what is there' },
  already_set_up: { status: 409, title: 'The first administrator exists already' },
  link_expired: { status: 410, title: 'The link is no longer valid' },
  stale: { status: 412, title: 'Someone changed it in the meantime' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media: { status: 415, title: 'This kind of content is not accepted' },
  refused_content: { status: 422, title: 'The content is refused' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key was used for another request' },
  if_match_required: { status: 428, title: 'Send If-Match with the version you edit' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The service is not ready' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** One bad field: a JSON-path-like name, a stable code and a sentence for people. */
export const fieldErrorSchema = z.object({
  field: z.string(),
  code: z.string(),
  message: z.string(),
  suggestions: z.array(z.string()).optional(),
  at: z.number().int().optional().meta({ description: 'For text such as a filter: the 0-based position of the mistake.' }),
});
export type FieldError = z.infer<typeof fieldErrorSchema>;

/** RFC 9457 problem details, with `errors[]` per bad field (all of them at once) and the request's id. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(fieldErrorSchema).optional(),
});
export type ProblemDocument = z.infer<typeof problemSchema>;

/** Something a caller can act on. Anything else that is thrown is a bug, answered as `internal` and logged with its cause. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  constructor(code: ErrorCode, message?: string, options: { errors?: FieldError[]; cause?: unknown } = {}) {
    super(message ?? errorCatalogue[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors;
  }
  get status(): number {
    return errorCatalogue[this.code].status;
  }
}
