/** @file Bull Board over HTTP: who may see it, that it shows the queue, and that it changes nothing. */
import { createRequire } from 'node:module'

import { afterAll, expect, test } from 'vitest'

import { boardRoutes } from '../../src/api/board/bull-board.ts'
import { createQueue } from '../../src/queue/queue.ts'
import { describeOnEachQueue, testDatabase, testRedis } from '../support/services.ts'
import { testApi } from './support/api.ts'

const { appRoutes } = createRequire(import.meta.url)('@bull-board/api/dist/routes.js')

test('its routes are all that reads of Bull Board, and nothing that writes', () => {
  const reading = appRoutes.api.filter(({ method }: { method: string }) => method === 'get')
  expect([...boardRoutes].sort()).toEqual(
    reading.map(({ route }: { route: string }) => route).sort(),
  )
})

describeOnEachQueue('the board', async ({ name, isAvailable }) => {
  if (!isAvailable) return
  const database = await testDatabase()
  const redis = name === 'redis' ? await testRedis() : null
  const location = { redisUrl: redis?.url ?? null, databaseUrl: database.url, onError: () => {} }
  const queue = await createQueue(location)
  const { keys, listen, app } = await testApi({ queue })
  const origin = await listen()
  afterAll(async () => {
    await queue.close()
  })

  const basic = (key: string) => `Basic ${Buffer.from(`admin:${key}`).toString('base64')}`
  const json = async (answer: Response) => JSON.parse(await answer.text())
  const get = (path: string, authorization?: string, init: RequestInit = {}) =>
    fetch(`${origin}/admin/queue${path}`, {
      redirect: 'manual',
      ...init,
      ...(authorization && { headers: { authorization } }),
    })

  test('401 without a key: a browser is asked for a password', async () => {
    for (const path of ['', '/', '/api/queues', '/static/favicon.ico', '/static/x']) {
      const answer = await get(path)
      expect(answer.status, path).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="/)
      expect((await json(answer)).code).toBe('unauthorized')
    }
    const wrong = await get('/', basic('ty_nobody'))
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Basic/),
    ])
  })

  test('403 with a key that is no admin, as password or as bearer', async () => {
    expect((await get('/', basic(keys.project))).status).toBe(403)
    expect((await get('/api/queues', `Bearer ${keys.project}`)).status).toBe(403)
  })

  test('the password of HTTP Basic opens nothing but the board', async () => {
    const headers = { authorization: basic(keys.admin) }
    const answer = await fetch(`${origin}/v1/projects`, { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('the page, and every file that it names, from here alone', async () => {
    const redirect = await get('', basic(keys.admin))
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/admin/queue/'])
    const answer = await get('/', basic(keys.admin))
    const html = await answer.text()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(html).not.toMatch(/https?:\/\//)
    const files = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file)
    expect(files.filter((file) => file.endsWith('.js')).length).toBeGreaterThan(1)
    for (const file of files) {
      expect((await get(`/${file}`, basic(keys.admin))).status, file).toBe(200)
    }
  })

  test('shows the messages that wait, and what keeps them', async () => {
    await queue.send(3)
    const authorization = basic(keys.admin)
    const shown = await json(await get('/api/queues?activeQueue=trainyard-jobs', authorization))
    expect(shown.queues).toHaveLength(1)
    expect(shown.queues[0]).toMatchObject({
      name: 'trainyard-jobs',
      readOnlyMode: true,
      counts: { waiting: 3 },
    })
    const stats = await get('/api/redis/stats', authorization)
    expect(stats.status).toBe(200)
    expect(await stats.json()).toMatchObject({ backend: expect.stringMatching(name) })
    const messageId = shown.queues[0].jobs[0].id
    const one = await get(`/api/queues/trainyard-jobs/${messageId}`, authorization)
    expect((await json(one)).job).toMatchObject({ id: messageId, data: {} })
    expect((await get('/api/queues/trainyard-jobs/nobody', authorization)).status).toBe(404)
  })

  test('4xx for what no queue, message or file can be called', async () => {
    const paths = [
      '/api/queues?activeQueue=%25',
      '/api/job-schedulers?queueName=%25',
      '/api/queues?activeQueue=trainyard-jobs&page=-1',
      '/api/queues/trainyard-jobs/%2525',
      '/api/queues/trainyard-jobs/%00',
      '/static/',
      '/static/images/',
      '/static/%00',
      '/static/..%2findex.ejs',
    ]
    for (const path of paths) {
      const { status } = await get(path, basic(keys.admin))
      expect([400, 404], `${status} for ${path}`).toContain(status)
    }
  })

  test('nothing is changed through it: its buttons ask for routes that are not there', async () => {
    const before = await queue.countWaiting()
    for (const { method, route } of appRoutes.api) {
      if (method === 'get') continue
      const path = route
        .replace(':queueName', 'trainyard-jobs')
        .replace(':queueStatus', 'waiting')
        .replace(':jobId', '1')
        .replace(':schedulerId', '1')
      const init = { method: method.toUpperCase() }
      const answer = await get(path, basic(keys.admin), init)
      expect([404, 405], `${method} ${route}`).toContain(answer.status)
    }
    expect(await queue.countWaiting()).toBe(before)
    const writing = app.routeTable.filter(
      ({ url, methods }) =>
        url.startsWith('/admin/') && methods.some((each) => each !== 'GET' && each !== 'HEAD'),
    )
    expect(writing).toEqual([])
  })

  test('503 when the queue is gone, and the service goes on', async () => {
    await redis?.dispose()
    await database.dispose()
    const answer = await get('/api/queues', basic(keys.admin))
    const problem = await json(answer)

    expect([answer.status, problem.code]).toEqual([503, 'unavailable'])
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(problem.detail).toBe('The queue does not answer just now.')
    expect((await fetch(`${origin}/livez`)).status).toBe(200)
  })
})
