/** @file /v1/datasets: files come in as streams, are known by their columns, and never change. */
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { labelsOf } from '../../contract/common.ts'
import {
  Dataset,
  DatasetPage,
  DatasetProfile,
  DatasetQuery,
  RowsPreview,
  RowsQuery,
  UploadQuery,
} from '../../contract/datasets.ts'
import { deleteDataset } from '../../store/datasets.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { datasetParams, findDataset, noSuchDataset } from '../find-dataset.ts'
import {
  datasetOf,
  presentDataset,
  presentDatasetSummary,
  presentPreview,
  summaryOf,
} from '../presenters/dataset.ts'
import { presentPage } from '../presenters/page.ts'
import { transferTimeoutMs } from '../timeouts.ts'
import { acceptFiles, fileTypes } from '../uploads/accept-files.ts'
import { answerUpload } from '../uploads/answer-upload.ts'
import { createUploadSlots } from '../uploads/upload-slots.ts'

export interface DatasetRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store' | 'pool' | 'uploads'>
}

export const datasetRoutes: FastifyPluginAsyncZod<DatasetRoutesOptions> = async (app, options) => {
  const { dependencies } = options
  const { store } = dependencies
  const slots = createUploadSlots(dependencies.uploads.maxConcurrent)
  const find = (request: FastifyRequest, datasetId: string) =>
    findDataset(dependencies, projectIdOf(request), datasetId)
  await acceptFiles(app)

  app.post(
    '/v1/datasets',
    {
      handlerTimeout: transferTimeoutMs,
      config: {
        scope: 'datasets:write',
        idempotent: true,
        problems: [
          'dataset_not_found',
          'invalid_multipart',
          'upload_incomplete',
          'invalid_dataset',
          'quota_exceeded',
          'too_many_uploads',
        ],
      },
      schema: {
        summary: 'Upload a dataset',
        description:
          'The body is the file itself, or a form with the file in a part named "file"; or, for images, a form with two IDX files, in parts named "images" and then "labels", raw or gzip. The types of columns are inferred while a table comes in.',
        tags: ['datasets'],
        consumes: [...fileTypes, 'multipart/form-data'],
        querystring: UploadQuery,
        body: z
          .unknown()
          .meta({ description: 'A file of rows with a header, of text, or of images.' }),
        response: { 201: Dataset },
      },
    },
    (request, reply) => answerUpload({ ...dependencies, slots }, request, reply),
  )

  app.get(
    '/v1/datasets',
    {
      config: { scope: 'datasets:read' },
      schema: {
        summary: 'List datasets',
        description:
          'Without columns, classes and warnings, which can be long: read a dataset, or its profile, for those.',
        tags: ['datasets'],
        querystring: DatasetQuery,
        response: { 200: DatasetPage },
      },
    },
    async (request) => {
      const { limit, after, order, label, name } = request.query
      const filter = { name, labels: labelsOf(label) }
      const page = await store.datasets.list(projectIdOf(request), filter, { limit, after, order })
      return presentPage(page, (row) => presentDatasetSummary(summaryOf(row)))
    },
  )

  app.get(
    '/v1/datasets/:datasetId',
    {
      config: { scope: 'datasets:read', problems: ['dataset_not_found'] },
      schema: {
        summary: 'Read a dataset',
        tags: ['datasets'],
        params: datasetParams,
        response: { 200: Dataset },
      },
    },
    async (request) => presentDataset(datasetOf(await find(request, request.params.datasetId))),
  )

  app.get(
    '/v1/datasets/:datasetId/profile',
    {
      config: { scope: 'datasets:read', problems: ['dataset_not_found'] },
      schema: {
        summary: 'Read what was learned about the columns',
        tags: ['datasets'],
        params: datasetParams,
        response: { 200: DatasetProfile },
      },
    },
    async (request) => datasetOf(await find(request, request.params.datasetId)).profile,
  )

  app.get(
    '/v1/datasets/:datasetId/rows',
    {
      config: { scope: 'datasets:read', problems: ['dataset_not_found'] },
      schema: {
        summary: 'Look at the first rows',
        description: 'At most 100, and fewer where they are long. Texts and images have none.',
        tags: ['datasets'],
        params: datasetParams,
        querystring: RowsQuery,
        response: { 200: RowsPreview },
      },
    },
    async (request) => {
      const { datasetId } = request.params
      const row = await store.datasets.preview(projectIdOf(request), datasetId)
      if (!row) throw noSuchDataset(datasetId)
      return presentPreview(row, request.query.limit)
    },
  )

  app.delete(
    '/v1/datasets/:datasetId',
    {
      config: { scope: 'datasets:write', problems: ['dataset_not_found', 'dataset_in_use'] },
      schema: {
        summary: 'Remove a dataset that no unfinished job uses',
        tags: ['datasets'],
        params: datasetParams,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const projectId = projectIdOf(request)
      const { datasetId } = request.params
      await store.transaction((transaction) => deleteDataset(transaction, projectId, datasetId), {
        isBulk: true,
      })
      return reply.code(204).send()
    },
  )
}
