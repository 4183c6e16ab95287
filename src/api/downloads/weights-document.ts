/**
 * @file Weights as JSON, for whoever has no reader of safetensors. Written while it is sent: numbers
 * take time to print, so other requests get their turn after every few thousand of them.
 */
import { setImmediate } from 'node:timers/promises'

import type { Preprocessing } from '../../contract/preprocessing.ts'
import type { Store } from '../../store/store.ts'
import { readWeightsHeader } from './weights-header.ts'

export interface WeightsFile {
  readonly jobId: string
  readonly blobId: string
  readonly bytes: number
  readonly preprocessing: Preprocessing
}

type BlobReader = Pick<Store, 'readBlob'>

/** 2 ms of printing. */
const numbersAtOnce = 8_192
const floatBytes = 4

/** The text of a WeightsDocument, in pieces. */
export async function* weightsDocument(
  store: BlobReader,
  file: WeightsFile,
): AsyncGenerator<Buffer> {
  const { metadata, tensors, dataStart } = await readWeightsHeader((range) =>
    store.readBlob(file.blobId, range),
  )
  const { jobId, preprocessing } = file
  const start = JSON.stringify({ object: 'weights', job: jobId, metadata, preprocessing })
  yield Buffer.from(`${start.slice(0, -1)},"tensors":{`)
  let separator = ''
  for (const { name, shape, start, end } of tensors) {
    const head = `${JSON.stringify(name)}:{"shape":${JSON.stringify(shape)},"data":[`
    yield Buffer.from(separator + head)
    yield* numbersOf(
      store.readBlob(file.blobId, { start: dataStart + start, end: dataStart + end }),
    )
    yield Buffer.from(']}')
    separator = ','
  }
  yield Buffer.from('}}')
}

/** Chunks of a blob end where a number does: the data starts at a multiple of 8. */
async function* numbersOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let separator = ''
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += numbersAtOnce * floatBytes) {
      const numbers: number[] = []
      const end = Math.min(at + numbersAtOnce * floatBytes, chunk.length)
      for (let i = at; i < end; i += floatBytes) numbers.push(chunk.readFloatLE(i))
      yield Buffer.from(separator + numbers.join(','))
      separator = ','
      await setImmediate()
    }
  }
}
