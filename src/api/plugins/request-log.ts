/**
 * @file The lines of a request in the log: with its id from the start, with the project and the key once
 * it is known who calls, and with the job that its path names. Ids are ours, never what a client wrote.
 */
import fp from 'fastify-plugin'

import { JobId } from '../../contract/ids.ts'

export const requestLog = fp(async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    const { caller, params } = request
    if (!caller) return
    const { jobId } = Object(params)
    request.log = request.log.child({
      keyId: caller.keyId,
      ...(caller.projectId && { projectId: caller.projectId }),
      ...(JobId.safeParse(jobId).success && { jobId }),
    })
    reply.log = request.log
  })
})
