/** @file The header of a stored weights file: what it holds, and where. Our own files only: whatever else is a defect. */
import { z } from 'zod'

import type { BlobRange } from '../../store/blobs/read-blob.ts'

/** Reads a part of the file. */
export type ReadFile = (range: BlobRange) => AsyncIterable<Buffer>

export interface WeightsHeader {
  readonly metadata: Record<string, string>
  readonly tensors: readonly { name: string; shape: number[]; start: number; end: number }[]
  readonly dataStart: number
}

const TensorEntry = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.number()),
  data_offsets: z.tuple([z.number(), z.number()]),
})

/** Of the header's length, at the start of the file. */
const lengthBytes = 8

export async function readWeightsHeader(read: ReadFile): Promise<WeightsHeader> {
  const length = await readAll(read({ start: 0, end: lengthBytes }))
  const dataStart = lengthBytes + Number(length.readBigUInt64LE())
  const text = await readAll(read({ start: lengthBytes, end: dataStart }))
  const { __metadata__, ...entries }: Record<string, unknown> = JSON.parse(text.toString())
  const { preprocessing: _, ...metadata } = z.record(z.string(), z.string()).parse(__metadata__)
  const tensors = Object.entries(entries).map(([name, entry]) => {
    const { shape, data_offsets } = TensorEntry.parse(entry)
    return { name, shape, start: data_offsets[0], end: data_offsets[1] }
  })
  return { metadata, tensors, dataStart }
}

async function readAll(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}
