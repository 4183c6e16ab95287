import { setTimeout as sleep } from 'node:timers/promises'

import { expect, test } from 'vitest'
import type { JobWithWeights } from '../../../src/api/find-weights.ts'
import { createTrainedModels } from '../../../src/api/models/trained-models.ts'

/** Counts what is read; a model is as large as its job's weights. */
function aStore() {
  const reads: string[] = []
  return {
    reads,
    async readBlobIntoSharedMemory(blobId: string, bytes: number) {
      reads.push(blobId)
      await sleep(5)
      if (blobId === 'broken' && reads.length === 1) throw new Error('no chunk')
      return new SharedArrayBuffer(bytes)
    },
  }
}

/** As much of a job and its weights as is looked at. */
const found = (id: string, bytes: number) =>
  ({
    job: { id, spec: {} },
    weights: { blobId: id, bytes, preprocessing: {} },
  }) as unknown as JobWithWeights

const idOf = async ({ jobId }: { jobId: string }) => jobId

test('a model is read once, however many ask for it at the same time', async () => {
  const store = aStore()
  const models = createTrainedModels({ store, maxBytes: 100 })
  const uses = Array.from({ length: 10 }, () => models.use(found('a', 10), {}, idOf))

  expect(await Promise.all(uses)).toEqual(uses.map(() => 'a'))
  expect(store.reads).toEqual(['a'])
})

test('what was used longest ago is forgotten first', async () => {
  const store = aStore()
  const models = createTrainedModels({ store, maxBytes: 100 })
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await models.use(found(id, 40), {}, idOf)

  expect(store.reads).toEqual(['a', 'b', 'c', 'b'])
})

test('a model larger than the cache is used, and not kept', async () => {
  const store = aStore()
  const models = createTrainedModels({ store, maxBytes: 100 })
  await models.use(found('small', 50), {}, idOf)
  for (let i = 0; i < 2; i++) await models.use(found('huge', 500), {}, idOf)
  await models.use(found('small', 50), {}, idOf)

  expect(store.reads).toEqual(['small', 'huge', 'huge'])
})

test('models in use together fit into memory: the next one waits, unread', async () => {
  const store = aStore()
  const models = createTrainedModels({ store, maxBytes: 100 })
  let finish = () => {}
  const first = models.use(
    found('a', 60),
    {},
    () => new Promise<void>((resolve) => (finish = resolve)),
  )
  const second = models.use(found('b', 60), {}, idOf)
  await sleep(30)
  expect(store.reads).toEqual(['a'])

  finish()
  await first
  expect(await second).toBe('b')
})

test('a read that failed is tried again by the next', async () => {
  const store = aStore()
  const models = createTrainedModels({ store, maxBytes: 100 })

  await expect(models.use(found('broken', 60), {}, idOf)).rejects.toThrow('no chunk')
  expect(await models.use(found('broken', 60), {}, idOf)).toBe('broken')
  await expect(
    models.use(found('c', 60), {}, () => Promise.reject(new Error('x'))),
  ).rejects.toThrow('x')
  expect(await models.use(found('d', 60), {}, idOf)).toBe('d')
})
