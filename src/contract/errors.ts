/**
 * @file The catalogue of errors: every code that a client can meet, with its status and its title.
 *
 * Codes never change once released; docs/errors.md explains each, and a test holds it to this
 * table. `hint` is general advice; the `detail` of one error says what came and what was expected.
 */
export interface CatalogueEntry {
  readonly status: number
  readonly title: string
  readonly hint: string
}

export const errorCatalogue = {
  // 400: could not be read as a request
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON',
    hint: 'Send one JSON value in UTF-8, at most 64 levels deep, without NUL or lone surrogates.',
  },
  invalid_request: {
    status: 400,
    title: 'The request does not have the expected shape',
    hint: 'Each entry of "errors" points at a field and says what was expected there.',
  },
  invalid_multipart: {
    status: 400,
    title: 'The multipart body cannot be read',
    hint: 'Send one file part named "file", or two named "images" and "labels", or the raw file as the body.',
  },
  upload_incomplete: {
    status: 400,
    title: 'The upload ended before the file did',
    hint: 'Send the file again; nothing was stored.',
  },
  // 401, 403, 404
  unauthorized: {
    status: 401,
    title: 'A valid API key is needed',
    hint: 'Send "Authorization: Bearer ty_…". `npm run keys:create` makes a key.',
  },
  api_key_expired: {
    status: 401,
    title: 'This API key has expired',
    hint: 'Use the key that replaced it, or ask the administrator for a new one.',
  },
  api_key_revoked: {
    status: 401,
    title: 'This API key was revoked',
    hint: 'Use the key that replaced it, or ask the administrator for a new one.',
  },
  forbidden: {
    status: 403,
    title: 'This API key may not do that',
    hint: 'Use a key whose scopes include the one named in the detail.',
  },
  route_not_found: {
    status: 404,
    title: 'There is no such route',
    hint: 'See /docs for all routes.',
  },
  project_not_found: {
    status: 404,
    title: 'There is no such project',
    hint: 'List projects with GET /v1/projects.',
  },
  api_key_not_found: {
    status: 404,
    title: 'There is no such API key',
    hint: 'List keys with GET /v1/api-keys.',
  },
  dataset_not_found: {
    status: 404,
    title: 'There is no such dataset',
    hint: 'List datasets with GET /v1/datasets.',
  },
  job_not_found: {
    status: 404,
    title: 'There is no such job',
    hint: 'List jobs with GET /v1/jobs.',
  },
  weights_not_found: {
    status: 404,
    title: 'The job has no weights',
    hint: 'Only a succeeded job has weights; read its status first.',
  },
  checkpoint_not_found: {
    status: 404,
    title: 'There is no such checkpoint',
    hint: 'List those of a job with GET /v1/jobs/{id}/checkpoints; newer ones replace all but the best.',
  },
  checkpoint_collected: {
    status: 410,
    title: 'The checkpoint was removed by the retention policy',
    hint: 'The weights of the job, if it has succeeded, are kept: GET /v1/jobs/{id}/weights, or init_from without a checkpoint.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The route does not know this method',
    hint: 'See /docs for the methods of each route.',
  },
  not_acceptable: {
    status: 406,
    title: 'The answer has no such form',
    hint: 'Ask for one of the formats that the detail names.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    hint: 'Send the whole request without long pauses.',
  },
  // 409: right in itself, but not now
  job_not_cancellable: {
    status: 409,
    title: 'The job has already ended',
    hint: 'A job that succeeded or failed cannot be cancelled; delete it instead.',
  },
  job_not_stoppable: {
    status: 409,
    title: 'The job cannot be stopped now',
    hint: 'A running job can be stopped, and a paused one that has a checkpoint; cancel a queued one.',
  },
  job_not_pausable: {
    status: 409,
    title: 'The job has already ended',
    hint: 'Only a job that is queued or running can be paused.',
  },
  job_not_resumable: {
    status: 409,
    title: 'The job is not paused',
    hint: 'Read its status: a job that is queued or running goes on by itself.',
  },
  job_not_deletable: {
    status: 409,
    title: 'The job has not ended',
    hint: 'Cancel the job first, then delete it.',
  },
  job_not_ready: {
    status: 409,
    title: 'The job has no result yet',
    hint: 'Wait until the job has succeeded.',
  },
  dataset_in_use: {
    status: 409,
    title: 'An unfinished job uses the dataset',
    hint: 'Cancel the jobs that the detail names, or wait for them.',
  },
  checkpoint_in_use: {
    status: 409,
    title: 'An unfinished job starts from a checkpoint of this job',
    hint: 'Cancel the jobs that the detail names, or wait for them.',
  },
  weights_in_use: {
    status: 409,
    title: 'An unfinished job starts from the weights of this job',
    hint: 'Cancel the jobs that the detail names, or wait for them.',
  },
  project_not_empty: {
    status: 409,
    title: 'The project still owns something',
    hint: 'Delete its jobs and datasets first.',
  },
  last_admin_key: {
    status: 409,
    title: 'This is the last admin key',
    hint: 'Make another admin key before you revoke this one.',
  },
  api_key_not_rotatable: {
    status: 409,
    title: 'The API key cannot be rotated',
    hint: 'A key can be rotated once, while it works; the detail names the one to rotate instead.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'A request with this Idempotency-Key is being worked on',
    hint: 'Wait a moment and send the same request again.',
  },
  // 412, 413, 415, 416
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    hint: 'The detail says the limit; GET /v1/limits lists all.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body has a type that this route does not read',
    hint: 'Set Content-Type to one that the detail names.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The range lies outside the file',
    hint: 'HEAD tells the length.',
  },
  // 422: well-formed, but it cannot work
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used with another request',
    hint: 'Use a new key for a new request.',
  },
  invalid_dataset: {
    status: 422,
    title: 'The file cannot be used as a dataset',
    hint: 'The detail says the place: row and column of a table, or the bytes of a file.',
  },
  invalid_spec: {
    status: 422,
    title: 'The job cannot be trained as described',
    hint: 'Each entry of "errors" points at a field of the spec and says what to change.',
  },
  invalid_rows: {
    status: 422,
    title: 'The rows do not fit the trained network',
    hint: 'Send rows with the columns that the network was trained on.',
  },
  limit_exceeded: {
    status: 422,
    title: 'The job is larger than this project may run',
    hint: 'The detail says the limit and what was asked; GET /v1/limits lists all.',
  },
  quota_exceeded: {
    status: 422,
    title: 'The project has used up a quota',
    hint: 'Delete what is no longer needed, or ask the administrator for more.',
  },
  // 429, 5xx
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    hint: 'Wait for the seconds that Retry-After says.',
  },
  too_many_jobs: {
    status: 429,
    title: 'Too many jobs are waiting',
    hint: 'Wait until some have ended.',
  },
  too_many_idempotency_keys: {
    status: 429,
    title: 'Too many Idempotency-Keys are kept',
    hint: 'Send the request without a key, or wait until older keys are a day old.',
  },
  too_many_streams: {
    status: 429,
    title: 'Too many event streams are open',
    hint: 'Close those that nobody reads, or read the events as pages of JSON.',
  },
  too_many_uploads: {
    status: 429,
    title: 'Too many uploads of the project are under way',
    hint: 'Wait until one has ended, and send it again.',
  },
  too_many_rows_waiting: {
    status: 429,
    title: 'Too many rows are waiting to be read or predicted',
    hint: 'Wait for answers before you send more rows, or send fewer at once.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on the server',
    hint: 'The log has the details, under the request id in "instance".',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot answer just now',
    hint: 'Try again after the seconds that Retry-After says.',
  },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof errorCatalogue

/** One thing that is wrong, and where: `pointer` is an RFC 6901 pointer into the body. */
export interface ErrorItem {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

export interface AppErrorOptions {
  readonly errors?: readonly ErrorItem[]
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An error that was foreseen, and that may be shown to the client. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly errors: readonly ErrorItem[] | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.errors = options.errors
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
