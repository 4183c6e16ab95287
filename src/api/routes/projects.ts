/** @file /v1/projects: the owners of everything else, made, sized and removed by the instance's admin. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { AppError } from '../../contract/errors.ts'
import { newId, ProjectId } from '../../contract/ids.ts'
import {
  CreateProject,
  type Limits,
  Project,
  ProjectPage,
  ProjectQuery,
  UpdateProject,
} from '../../contract/tenancy.ts'
import { keepAdminKeyOutside } from '../../store/keys/keep-admin-key.ts'
import { createProject, deleteProject, updateProject } from '../../store/projects.ts'
import type { Authenticator } from '../authenticator.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { answerIdempotently } from '../idempotency.ts'
import { presentPage } from '../presenters/page.ts'
import { presentProject } from '../presenters/project.ts'

export interface ProjectRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store' | 'limits'>
  readonly authenticator: Pick<Authenticator, 'forgetAll'>
}

const params = z.strictObject({ projectId: ProjectId })

export const projectRoutes: FastifyPluginAsyncZod<ProjectRoutesOptions> = async (app, options) => {
  const { store, limits } = options.dependencies

  app.post(
    '/v1/projects',
    {
      config: {
        scope: 'admin',
        idempotent: true,
        example: { name: 'churn team' },
      },
      schema: {
        summary: 'Make a project',
        tags: ['projects'],
        body: CreateProject,
        response: { 201: Project },
      },
    },
    (request, reply) =>
      answerIdempotently(
        { store, request, reply, collection: '/v1/projects' },
        async (transaction) => {
          const row = await createProject(transaction, newId('project'), request.body.name)
          return { status: 201, body: presentProject(row) }
        },
      ),
  )

  app.get(
    '/v1/projects',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'List projects',
        tags: ['projects'],
        querystring: ProjectQuery,
        response: { 200: ProjectPage },
      },
    },
    async (request) => presentPage(await store.projects.list(request.query), presentProject),
  )

  app.get(
    '/v1/projects/:projectId',
    {
      config: { scope: 'admin', problems: ['project_not_found'] },
      schema: {
        summary: 'Read a project',
        tags: ['projects'],
        params,
        response: { 200: Project },
      },
    },
    async (request) => {
      const { projectId } = request.params
      const row = await store.projects.find(projectId)
      if (!row) throw new AppError('project_not_found', `There is no project ${projectId}.`)
      return presentProject(row)
    },
  )

  app.patch(
    '/v1/projects/:projectId',
    {
      config: {
        scope: 'admin',
        problems: ['project_not_found'],
        example: { weight: 3, limits: { jobs_running: 4, requests_per_minute: null } },
      },
      schema: {
        summary: 'Change the name, weight or limits of a project',
        description:
          'Limits that are not named stay as they are; null gives one back to the service. New limits hold within a second, for jobs that wait and those that come.',
        tags: ['projects'],
        params,
        body: UpdateProject,
        response: { 200: Project },
      },
    },
    async (request) => {
      requireRoom(request.body, limits)
      const row = await updateProject(store.db, request.params.projectId, request.body)
      options.authenticator.forgetAll()
      return presentProject(row)
    },
  )

  app.delete(
    '/v1/projects/:projectId',
    {
      config: {
        scope: 'admin',
        problems: ['project_not_found', 'project_not_empty', 'last_admin_key'],
      },
      schema: {
        summary: 'Remove an empty project and its API keys',
        tags: ['projects'],
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { projectId } = request.params
      await store.transaction(async (transaction) => {
        await keepAdminKeyOutside(transaction, projectId)
        await deleteProject(transaction, projectId)
      })
      options.authenticator.forgetAll()
      return reply.code(204).send()
    },
  )
}

/** Every other limit is a matter of taste; this one of machines. Errors: `invalid_request`. */
function requireRoom({ limits: asked }: UpdateProject, { job_bytes: most }: Limits): void {
  const given = asked?.job_bytes
  if (given === undefined || given === null || given <= most) return
  const detail = `expected at most ${most}, the service's own job_bytes, got ${given}: no worker has room for a larger job`
  throw new AppError('invalid_request', `/limits/job_bytes: ${detail}.`, {
    errors: [{ pointer: '/limits/job_bytes', code: 'too_big', detail }],
  })
}
