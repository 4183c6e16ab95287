import { EventEmitter } from 'node:events'

import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'

import { createRowsUnderWay } from '../../src/api/rows-under-way.ts'

const mebibyte = 1024 * 1024

/** As much of a request as is looked at. */
const requestOf = (projectId: string, length?: number) =>
  ({
    caller: { projectId },
    headers: length === undefined ? {} : { 'content-length': String(length) },
    routeOptions: { bodyLimit: 4 * mebibyte },
  }) as unknown as FastifyRequest

const aReply = () => ({ raw: new EventEmitter() }) as unknown as FastifyReply
const refusal = expect.objectContaining({ code: 'too_many_rows_waiting', retryAfterSeconds: 2 })

test('512 small requests of a project at once, and one more when one is answered', () => {
  const underWay = createRowsUnderWay()
  const replies = Array.from({ length: 512 }, aReply)
  for (const reply of replies) underWay.take(requestOf('a', 100), reply)

  expect(() => underWay.take(requestOf('a', 100), aReply())).toThrow(refusal)
  underWay.take(requestOf('b', 100), aReply())

  replies[7].raw.emit('close')
  underWay.take(requestOf('a', 100), aReply())
  expect(() => underWay.take(requestOf('a', 100), aReply())).toThrow(refusal)
})

test('answers count, until they are sent', () => {
  const underWay = createRowsUnderWay()
  const replies = Array.from({ length: 3 }, aReply)
  for (const reply of replies) underWay.take(requestOf('a', mebibyte), reply, 8 * mebibyte)

  expect(() => underWay.take(requestOf('a', mebibyte), aReply(), 8 * mebibyte)).toThrow(refusal)
  replies[0].raw.emit('close')
  underWay.take(requestOf('a', mebibyte), aReply(), 8 * mebibyte)
})

test('a body whose length is not known counts as the largest', () => {
  const underWay = createRowsUnderWay()
  for (let i = 0; i < 8; i++) underWay.take(requestOf('a'), aReply())

  expect(() => underWay.take(requestOf('a'), aReply())).toThrow(refusal)
})

test('what is given back before its answer is sent, is given back once', () => {
  const underWay = createRowsUnderWay()
  const replies = Array.from({ length: 8 }, aReply)
  const releases = replies.map((reply) => underWay.take(requestOf('a'), reply))
  for (let i = 0; i < 2; i++) releases[0]()
  replies[0].raw.emit('close')
  underWay.take(requestOf('a'), aReply())

  expect(() => underWay.take(requestOf('a'), aReply())).toThrow(refusal)
})
