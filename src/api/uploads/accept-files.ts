/** @file Makes routes take files as they come: nothing is read before the route asks for it. */
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'

import { datasetFormats } from '../../contract/datasets.ts'
import { formLimits } from './read-form.ts'

/** With `?format=` beside the last. */
export const fileTypes = [...Object.values(datasetFormats), 'application/octet-stream'] as const

/** For the routes of this instance and those below it; the others go on reading JSON only. */
export async function acceptFiles(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(multipart, { limits: formLimits, throwFileSizeLimit: false })
  // Also what is no file of ours, so that the refusal names the types that are.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}
