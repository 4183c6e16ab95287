/** @file Projects own everything; API keys act for a project, or for the instance as its admin. */
import { z } from 'zod'

import { Name, page, pageQuery, Time } from './common.ts'
import { ApiKeyId, ProjectId } from './ids.ts'

/** What a key may do. `admin` belongs to the instance: it makes projects and keys, and nothing else. */
export const Scope = z.enum([
  'jobs:read',
  'jobs:write',
  'datasets:read',
  'datasets:write',
  'predict',
  'admin',
])
export type Scope = z.infer<typeof Scope>

export function isScope(text: string): text is Scope {
  return Scope.options.some((scope) => scope === text)
}

export const projectScopes = Scope.options.filter((scope) => scope !== 'admin')

const count = z.number().int().min(1).max(2_147_483_647)
const bytes = z.number().int().min(1)

const limitValues = {
  dataset_bytes: bytes.meta({ description: 'Of one dataset.' }),
  datasets_bytes_total: bytes.meta({ description: 'Of all datasets together.' }),
  results_bytes_total: bytes.meta({
    description:
      'Of all weights and checkpoints that are kept, and of the weights that unfinished jobs will leave. Several API processes may exceed it together, by what they admit within 5 seconds.',
  }),
  dataset_columns: count,
  job_parameters: bytes,
  job_bytes: bytes.meta({ description: 'Memory of one job while it trains.' }),
  job_points: bytes.meta({ description: 'Loss points of one job.' }),
  job_flops: z.number().positive(),
  job_seconds: count.meta({
    description:
      'How long a job may train, all its runs together; time in the queue does not count.',
  }),
  jobs_unfinished: count.meta({ description: 'Queued, running and paused together.' }),
  jobs_kept: count.meta({
    description:
      'Of any status, until they are deleted. Several API processes may exceed it together, by what they admit within a minute.',
  }),
  jobs_running: count.meta({ description: 'At once; further jobs wait in the queue.' }),
  threads: count.meta({
    description: 'That running jobs were planned with, at once; further jobs wait in the queue.',
  }),
  requests_per_minute: count.meta({
    description:
      'A rate, of all keys of the project together, in each API process for itself: those of ten seconds may come at once, and up to 60 of any rate. Where n processes share the requests, the service allows n times this.',
  }),
  event_streams: count.meta({ description: 'Open at once, in each process.' }),
  idempotency_keys: count.meta({
    description:
      'Kept at once, each for a day. The keys that other API processes take are counted within a minute.',
  }),
}

/** What a project may use. Every number stands in the error that refuses more. */
export const Limits = z.strictObject(limitValues).meta({ id: 'LimitValues' })
export type Limits = z.infer<typeof Limits>

/** What differs from the service's own limits. */
export const ProjectLimits = z
  .strictObject(limitValues)
  .partial()
  .meta({ id: 'ProjectLimits', description: "Limits of its own; the others are the service's." })
export type ProjectLimits = z.infer<typeof ProjectLimits>

const Weight = z.number().int().min(1).max(1_000).meta({
  description: 'So many of its jobs start in a round, where a project of weight 1 has one.',
})

export const Project = z
  .strictObject({
    id: ProjectId,
    object: z.literal('project'),
    name: Name,
    weight: Weight,
    limits: ProjectLimits,
    created_at: Time,
  })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

export const UpdateProject = z
  .strictObject({
    name: Name.optional(),
    weight: Weight.optional(),
    limits: z
      .strictObject(
        Object.fromEntries(
          Object.entries(limitValues).map(([name, value]) => [name, value.nullable()]),
        ) as { [Name in keyof typeof limitValues]: z.ZodNullable<(typeof limitValues)[Name]> },
      )
      .partial()
      .optional()
      .meta({ description: "Those that are not named stay; null: the service's own again." }),
  })
  .meta({ id: 'UpdateProject' })
export type UpdateProject = z.infer<typeof UpdateProject>

export const CreateProject = z.strictObject({ name: Name }).meta({ id: 'CreateProject' })
export const ProjectQuery = z.strictObject(pageQuery(ProjectId))
export const ProjectPage = page(Project).meta({ id: 'ProjectPage' })

/** Ten years. */
const maxTtlSeconds = 315_360_000

/** Thirty days: time enough to bring the new secret everywhere. */
const maxOverlapSeconds = 2_592_000

export const ApiKey = z
  .strictObject({
    id: ApiKeyId,
    object: z.literal('api_key'),
    name: Name,
    project: ProjectId.nullable().meta({ description: 'null for keys of the instance.' }),
    scopes: z.array(Scope),
    created_at: Time,
    expires_at: Time.nullable(),
    last_used_at: Time.nullable().meta({ description: 'To within a minute or so.' }),
    revoked_at: Time.nullable(),
    replaces: ApiKeyId.nullable().meta({ description: 'The key whose rotation made this one.' }),
    replaced_by: ApiKeyId.nullable().meta({ description: 'The key that a rotation made of it.' }),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

export const CreatedApiKey = ApiKey.extend({
  secret: z.string().nullable().meta({
    description: 'The key itself. Shown once: null when the answer is a replay.',
  }),
}).meta({ id: 'CreatedApiKey' })

/** A key's life is given by its end, or by its length from now, by the clock of the service. */
const lifetime = {
  expires_at: Time.optional(),
  ttl_seconds: z.number().int().min(1).max(maxTtlSeconds).optional().meta({
    description: 'In place of expires_at: how long it works.',
  }),
}

export const CreateApiKey = z
  .strictObject({
    name: Name,
    project: ProjectId.optional().meta({ description: 'Needed for every scope but admin.' }),
    scopes: z.array(Scope).min(1).max(Scope.options.length).optional().meta({
      description: 'All scopes of a project unless given.',
    }),
    ...lifetime,
  })
  .meta({ id: 'CreateApiKey' })
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const RotateApiKey = z
  .strictObject({
    overlap_seconds: z
      .number()
      .int()
      .min(0)
      .max(maxOverlapSeconds)
      .default(86_400)
      .meta({ description: 'How long the old secret still works; with 0 it is revoked at once.' }),
    ...lifetime,
  })
  .meta({
    id: 'RotateApiKey',
    description: 'Unless it is given its own end, the new key lives as long as the old one was to.',
  })
export type RotateApiKey = z.infer<typeof RotateApiKey>

export const ApiKeyQuery = z.strictObject({
  ...pageQuery(ApiKeyId),
  project: ProjectId.optional(),
})
export const ApiKeyPage = page(ApiKey).meta({ id: 'ApiKeyPage' })

export const LimitsResponse = z
  .strictObject({
    object: z.literal('limits'),
    limits: Limits,
    usage: z.strictObject({
      datasets_bytes_total: z.number().int(),
      results_bytes_total: z.number().int(),
      jobs_unfinished: z.number().int(),
      jobs_kept: z.number().int(),
      jobs_running: z.number().int(),
      threads: z.number().int(),
      event_streams: z.number().int().meta({ description: 'In the process that answers.' }),
    }),
  })
  .meta({ id: 'Limits' })
