import Fastify from 'fastify'
import { expect, test } from 'vitest'

import { handleError } from '../../src/api/error-handler.ts'
import { AppError } from '../../src/contract/errors.ts'
import { PoolStopped } from '../../src/threads/pool-stopped.ts'

/** The answer to a route that throws this, and what was logged at level error. */
async function answerTo(error: unknown, handlerTimeoutMs = 10_000) {
  const logged: string[] = []
  const app = Fastify({
    logger: { level: 'error', stream: { write: (line: string) => logged.push(line) } },
    handlerTimeout: handlerTimeoutMs,
    genReqId: () => 'req_1',
  })
  app.setErrorHandler(handleError)
  app.get('/', () => (error === 'hang' ? new Promise(() => {}) : Promise.reject(error)))
  const answer = await app.inject('/')
  await app.close()
  return { answer, problem: answer.json(), logged }
}

const withCode = (code: string) =>
  Object.assign(new Error('relation "jobs" SELECT /srv/x'), { code })

test('a foreseen error is shown as it is, and not logged', async () => {
  const errors = [{ pointer: '/a', code: 'x', detail: 'y' }]
  const { problem, logged } = await answerTo(new AppError('invalid_spec', 'No.', { errors }))

  expect(problem).toEqual({
    type: '/docs/errors#invalid_spec',
    title: 'The job cannot be trained as described',
    status: 422,
    detail: 'No.',
    instance: 'req_1',
    code: 'invalid_spec',
    hint: expect.any(String),
    errors,
  })
  expect(logged).toEqual([])
})

test.each([
  ['a bug', new TypeError('x is not a function at /srv/app/jobs.ts')],
  ['an error of the database that nobody foresaw', withCode('23505')],
  ['no error at all', 'just text'],
])('%s is a 500 that says nothing, and the log says all', async (_, error) => {
  const { answer, problem, logged } = await answerTo(error)

  expect(problem).toMatchObject({ status: 500, code: 'internal', instance: 'req_1' })
  expect(answer.body).not.toMatch(/SELECT|srv|not a function|just text/)
  expect(logged).toHaveLength(1)
  expect(logged[0]).toContain('req_1')
})

test.each([
  ['refused', withCode('ECONNREFUSED')],
  ['shut down', withCode('57P01')],
  ['with too many clients', withCode('53300')],
  ['that broke', Object.assign(new Error('x'), { cause: withCode('08006') })],
  ['too slow', new Error('timeout exceeded when trying to connect')],
  [
    'behind Prisma',
    Object.assign(new Error('x'), {
      code: 'P2039',
      meta: { driverAdapterError: { cause: { originalCode: '57P01' } } },
    }),
  ],
  [
    'at two addresses',
    Object.assign(new Error('x'), { errors: [withCode('ECONNREFUSED'), withCode('ECONNREFUSED')] }),
  ],
])('a database %s is a 503 with Retry-After, and not logged as a fault', async (_, error) => {
  const { answer, problem, logged } = await answerTo(error)

  expect(problem).toMatchObject({ status: 503, code: 'unavailable' })
  expect(answer.headers['retry-after']).toBe('2')
  expect(logged).toEqual([])
})

test('a pool that stops is a 503', async () => {
  expect((await answerTo(new PoolStopped())).problem.code).toBe('unavailable')
})

test('a handler that does not end is a 503', async () => {
  expect((await answerTo('hang', 20)).problem.code).toBe('unavailable')
})

test.each(['22021', '22P02', '22P05', '22003'])(
  'a value that Postgres refuses (%s) is a 400',
  async (code) => {
    expect((await answerTo(withCode(code))).problem).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  },
)

test('an error that is its own cause is answered too', async () => {
  const error = new Error('circle')
  error.cause = error
  expect((await answerTo(error)).problem.code).toBe('internal')
})
