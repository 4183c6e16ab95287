import { expect, test } from 'vitest'

import { weightsDocument } from '../../../src/api/downloads/weights-document.ts'
import { newId } from '../../../src/contract/ids.ts'
import type { Preprocessing } from '../../../src/contract/preprocessing.ts'
import { WeightsDocument } from '../../../src/contract/weights.ts'
import { encodeSafetensors } from '../../../src/engine/index.ts'

const jobId = newId('job')
const preprocessing: Preprocessing = {
  version: 1,
  inputs: 0,
  features: [],
  target: { task: 'regression', columns: [] },
}

/** In chunks of 64 bytes, as a blob has them of a mebibyte. */
function storeOf(file: Uint8Array) {
  return {
    async *readBlob(_blobId: string, { start, end }: { start: number; end: number }) {
      for (let at = start; at < end; ) {
        const stop = Math.min(end, (Math.floor(at / 64) + 1) * 64)
        yield Buffer.from(file.subarray(at, stop))
        at = stop
      }
    },
  }
}

async function documentOf(tensors: Parameters<typeof encodeSafetensors>[0], metadata = {}) {
  const file = encodeSafetensors(tensors, { format: 'trainyard', ...metadata })
  const pieces: Buffer[] = []
  const source = { jobId, blobId: 'b', bytes: file.length, preprocessing }
  for await (const piece of weightsDocument(storeOf(file), source)) pieces.push(piece)
  return { pieces, document: WeightsDocument.parse(JSON.parse(Buffer.concat(pieces).toString())) }
}

test('numbers are those of the file, to the bit', async () => {
  const data = Float32Array.from([0.1, -1e-45, 3.4028234663852886e38, 1 / 3, 0, 16777217])
  const { document } = await documentOf({ w: { shape: [2, 3], data } })

  expect(Float32Array.from(document.tensors.w.data)).toEqual(data)
  expect(document.tensors.w.shape).toEqual([2, 3])
})

test('many tensors, also none and empty ones, and names that need escaping', async () => {
  const tensors = {
    'a"\n/': { shape: [40], data: new Float32Array(40).fill(1.5) },
    empty: { shape: [0], data: new Float32Array(0) },
    last: { shape: [], data: Float32Array.of(2) },
  }
  const { document } = await documentOf(tensors)

  expect(Object.keys(document.tensors)).toEqual(Object.keys(tensors))
  expect(document.tensors['a"\n/'].data).toEqual([...tensors['a"\n/'].data])
  expect(document.tensors.empty.data).toEqual([])
  expect(document.tensors.last).toEqual({ shape: [], data: [2] })
  expect((await documentOf({})).document.tensors).toEqual({})
})

test('the preprocessing is there once, as an object', async () => {
  const { document } = await documentOf({}, { preprocessing: '{}', task: 'regression' })

  expect(document.metadata).toEqual({ format: 'trainyard', task: 'regression' })
  expect(document.preprocessing).toEqual(preprocessing)
})

test('large tensors come in small pieces, and others get their turn in between', async () => {
  let turns = 0
  const timer = setInterval(() => (turns += 1), 0)
  const { pieces } = await documentOf({
    w: { shape: [200_000], data: new Float32Array(200_000).fill(0.1) },
  })
  clearInterval(timer)

  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(250_000)
  expect(turns).toBeGreaterThan(5)
})
