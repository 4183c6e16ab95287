import { PassThrough } from 'node:stream'

import { expect, test } from 'vitest'

import { readBody } from '../../../src/api/json-body/read-body.ts'

const options = { limitBytes: 10, withinMs: 1_000, contentLength: undefined }

test('puts the pieces together', async () => {
  const payload = new PassThrough()
  const body = readBody(payload, options)
  payload.write('ab')
  payload.end('cd')

  expect((await body).toString()).toBe('abcd')
})

test('refuses more than the limit as soon as it has come, and takes exactly the limit', async () => {
  const payload = new PassThrough()
  const body = readBody(payload, options)
  payload.write('x'.repeat(11)) // and no end

  await expect(body).rejects.toMatchObject({ code: 'payload_too_large' })
  const exact = new PassThrough()
  exact.end('x'.repeat(10))
  expect(await readBody(exact, options)).toHaveLength(10)
})

test('refuses an announced length before a byte of it is read', async () => {
  const body = readBody(new PassThrough(), { ...options, contentLength: 11 })

  await expect(body).rejects.toMatchObject({
    code: 'payload_too_large',
    message: 'Expected a body of at most 10 bytes, got 11.',
  })
})

test('does not wait for a body for ever, whatever drips in', async () => {
  const payload = new PassThrough()
  const drip = setInterval(() => payload.write('x'), 10)
  const body = readBody(payload, { ...options, limitBytes: 1_000, withinMs: 50 })

  await expect(body).rejects.toMatchObject({ code: 'request_timeout' })
  clearInterval(drip)
})

test('a client that goes away is an error, and one that goes later is none', async () => {
  const payload = new PassThrough()
  const body = readBody(payload, options)
  payload.destroy(new Error('aborted'))
  await expect(body).rejects.toMatchObject({ code: 'invalid_json' })

  const tooLong = new PassThrough()
  const refused = readBody(tooLong, options)
  tooLong.write('x'.repeat(11))
  await expect(refused).rejects.toMatchObject({ code: 'payload_too_large' })
  tooLong.destroy(new Error('aborted')) // would be uncaught without a listener
})
