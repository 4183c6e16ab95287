/**
 * @file Weights as JSON, for whoever has no reader of safetensors. Written while it is sent: numbers
 * take time to print, so other requests get their turn after every few thousand of them.
 */
import { setImmediate } from 'node:timers/promises'

import { z } from 'zod'

import type { Preprocessing } from '../../contract/preprocessing.ts'
import type { Store } from '../../store/store.ts'

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
/** Of the header's length, at the start of the file. */
const lengthBytes = 8

/** The text of a WeightsDocument, in pieces. */
export async function* weightsDocument(
  store: BlobReader,
  file: WeightsFile,
): AsyncGenerator<Buffer> {
  const { metadata, tensors, dataStart } = await readHeader(store, file)
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

const TensorEntry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.number()),
  data_offsets: z.tuple([z.number(), z.number()]),
})

interface Header {
  readonly metadata: Record<string, string>
  readonly tensors: readonly { name: string; shape: number[]; start: number; end: number }[]
  readonly dataStart: number
}

/** Our own files only: whatever else is a defect. */
async function readHeader(store: BlobReader, { blobId }: WeightsFile): Promise<Header> {
  const length = await readBytes(store, blobId, 0, lengthBytes)
  const dataStart = lengthBytes + Number(length.readBigUInt64LE())
  const text = await readBytes(store, blobId, lengthBytes, dataStart)
  const { __metadata__, ...entries }: Record<string, unknown> = JSON.parse(text.toString())
  const { preprocessing: _, ...metadata } = z.record(z.string(), z.string()).parse(__metadata__)
  const tensors = Object.entries(entries).map(([name, entry]) => {
    const { shape, data_offsets } = TensorEntry.parse(entry)
    return { name, shape, start: data_offsets[0], end: data_offsets[1] }
  })
  return { metadata, tensors, dataStart }
}

async function readBytes(store: BlobReader, blobId: string, start: number, end: number) {
  const pieces: Buffer[] = []
  for await (const piece of store.readBlob(blobId, { start, end })) pieces.push(piece)
  return Buffer.concat(pieces)
}
