/** @file /v1/datasets/{id}/content: the file as it was uploaded, byte for byte. */
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { datasetFormats } from '../../contract/datasets.ts'
import { projectIdOf } from '../caller.ts'
import type { ApiDependencies } from '../dependencies.ts'
import { sendFile } from '../downloads/send-file.ts'
import { datasetParams, findDataset, noSuchDataset } from '../find-dataset.ts'
import { transferTimeoutMs } from '../timeouts.ts'

export interface DatasetContentRoutesOptions {
  readonly dependencies: Pick<ApiDependencies, 'store'>
}

/** Of any of the types of datasets; JSON too is sent as the bytes that came. */
const file = {
  content: Object.fromEntries(
    Object.values(datasetFormats).map((type) => [type, { schema: z.unknown() }]),
  ),
}

export const datasetContentRoutes: FastifyPluginAsyncZod<DatasetContentRoutesOptions> = async (
  app,
  { dependencies },
) => {
  // HEAD first, or the framework makes one that reads the whole file.
  for (const method of ['HEAD', 'GET'] as const) {
    app.route({
      method,
      url: '/v1/datasets/:datasetId/content',
      handlerTimeout: transferTimeoutMs,
      config: {
        scope: 'datasets:read',
        headers: ['Range', 'If-Range', 'If-None-Match'],
        problems: ['dataset_not_found', 'range_not_satisfiable'],
      },
      schema: {
        hide: method === 'HEAD',
        summary: 'Download the file',
        description: 'Byte for byte as it was uploaded. HEAD works too.',
        tags: ['datasets'],
        params: datasetParams,
        response: { 200: file, 206: file, 304: z.undefined() },
      },
      async handler(request, reply) {
        const { store } = dependencies
        const row = await findDataset(dependencies, projectIdOf(request), request.params.datasetId)
        const { id, format, blobId, bytes, sha256 } = row
        return sendFile(
          { store, request, reply },
          {
            blobId,
            bytes: Number(bytes),
            sha256,
            mediaType: datasetFormats[format],
            fileName: `${id}.${format === 'text' ? 'txt' : format}`,
            whenGone: () => noSuchDataset(id),
          },
        )
      },
    })
  }
}
