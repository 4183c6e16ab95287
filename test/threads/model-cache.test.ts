import { expect, test } from 'vitest'

import { createModelCache, type ModelCacheLimits } from '../../src/threads/model-cache.ts'

/** A cache whose models are their ids; it counts how often each had to be made. */
function aCache(limits: ModelCacheLimits) {
  const cache = createModelCache<string>(limits)
  const made: string[] = []
  const get = (id: string, bytes = 10) =>
    cache.get(id, () => {
      made.push(id)
      return { model: id, bytes }
    })
  return { get, made }
}

test('makes a model once, then finds it', () => {
  const { get, made } = aCache({ maxBytes: 100, maxEntries: 10 })

  expect([get('a'), get('b'), get('a')]).toEqual(['a', 'b', 'a'])
  expect(made).toEqual(['a', 'b'])
})

test('forgets what was used longest ago when there are too many', () => {
  const { get, made } = aCache({ maxBytes: 100, maxEntries: 2 })
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) get(id)

  expect(made).toEqual(['a', 'b', 'c', 'b'])
})

test('forgets as many as the bytes of a new one need', () => {
  const { get, made } = aCache({ maxBytes: 100, maxEntries: 10 })
  get('a', 40)
  get('b', 40)
  get('c', 60)
  for (const id of ['c', 'b']) get(id, 40)

  expect(made).toEqual(['a', 'b', 'c'])
})

test('a model larger than the whole cache is made each time, and drives nothing out', () => {
  const { get, made } = aCache({ maxBytes: 100, maxEntries: 10 })
  get('a')
  get('huge', 101)
  get('huge', 101)
  get('a')

  expect(made).toEqual(['a', 'huge', 'huge'])
})

test('a model that cannot be made leaves no trace', () => {
  const cache = createModelCache<string>({ maxBytes: 100, maxEntries: 10 })
  const fail = () => {
    throw new Error('broken weights')
  }

  expect(() => cache.get('a', fail)).toThrow('broken weights')
  expect(cache.get('a', () => ({ model: 'made', bytes: 1 }))).toBe('made')
})
