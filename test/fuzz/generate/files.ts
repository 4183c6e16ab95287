/**
 * @file Files to upload, by media type: sound ones, and the same with bytes changed, taken out or cut
 * off. The truth about a form's boundaries is told, stretched, or left out.
 */
import fc from 'fast-check'

import { idxFile, joined } from '../../support/idx.ts'

export const bytesOf = (text: string) => new TextEncoder().encode(text)

const images = idxFile([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
const labels = idxFile([3], [9, 2, 9])

/** The columns are those of `columnNames`. */
const originals = {
  csv: [
    'a,b,y,kind\n0,0.5,1,x\n1,-2e3,0,"z ""q"""\n,7,1,x\n',
    'a;b;y\r\n1;2;3\r\n4;5;6\r\n',
    '\ufeffa,b\n1,yes\n2,no\n',
  ],
  jsonl: ['{"a":1,"b":true,"y":"é"}\n\n{"b":false,"y":"😀","a":-2e3}\r\n{"y":null}\n'],
  json: ['[{"a":1,"y":"x"},{"a":2,"y":"z"}]', '{"rows":[{"a":1.5,"b":null},{"b":"t"}]}'],
  text: ['To be, or not to be: that is the question.\n'.repeat(3)],
}

/** By media type. */
export const soundFiles: Readonly<Record<string, readonly Uint8Array[]>> = {
  'text/csv': originals.csv.map(bytesOf),
  'application/x-ndjson': originals.jsonl.map(bytesOf),
  'application/json': originals.json.map(bytesOf),
  'text/plain': originals.text.map(bytesOf),
  'application/x-idx': [joined(images, labels)],
}

/** Bytes that mean something to some parser, and any others. */
const byte = fc.oneof(
  fc.constantFrom(...bytesOf('"\',;\t|{}[]:\\\n\r 0e-.N\ufeff\ufffd\0')),
  fc.integer({ min: 0, max: 255 }),
)

/** Up to four places changed, and sometimes an end cut off. */
export function mutated(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(original.length),
    remove: fc.nat(6),
    insert: fc.array(byte, { maxLength: 4 }),
  })
  const changes = fc.array(change, { maxLength: 4 })
  const length = fc.option(fc.nat(original.length), { nil: original.length, freq: 3 })
  return fc.tuple(changes, length).map(([edits, end]) => {
    const bytes = [...original]
    for (const { at, remove, insert } of edits) bytes.splice(at, remove, ...insert)
    return Uint8Array.from(bytes.slice(0, end))
  })
}

export interface FileBody {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** A file of this type, as it should be or damaged. */
export function fileBody(mediaType: string): fc.Arbitrary<FileBody> {
  if (mediaType === 'multipart/form-data') return formBody
  // Octets are of whichever format the query names.
  const sound = soundFiles[mediaType] ?? Object.values(soundFiles).flat()
  return fc
    .oneof(fc.constantFrom(...sound), ...sound.map(mutated))
    .map((bytes) => ({ mediaType, bytes }))
}

const boundary = 'fuzz-boundary'
const partHeads = [
  'content-disposition: form-data; name="file"; filename="t.csv"\r\ncontent-type: text/csv',
  'content-disposition: form-data; name="images"; filename="i.idx"',
  'content-disposition: form-data; name="labels"; filename="l.idx"',
  'content-disposition: form-data; name="name"',
  'content-disposition: form-data; name="__proto__"',
  'content-disposition: form-data; name="file"',
  'content-disposition: form-data; name="file"; filename="../../t.csv"',
  `content-disposition: form-data; name="${'n'.repeat(2_000)}"`,
  'content-type: multipart/mixed; boundary=inner\r\ncontent-disposition: form-data; name="file"',
  'content-disposition: attachment',
  'no colon here',
  '',
] as const
const partBodies = [originals.csv[0], 'x', '', '--inner\r\n\r\nx\r\n--inner--', '\0'] as const

const part = fc
  .record({
    head: fc.constantFrom(...partHeads),
    body: fc.oneof(fc.constantFrom(...partBodies.map(bytesOf)), fc.constantFrom(images, labels)),
    between: fc.constantFrom('\r\n\r\n', '\r\n\r\n', '\r\n\r\n', '\n\n', ''),
  })
  .map(({ head, body, between }) =>
    joined(bytesOf(`--${boundary}\r\n${head}${between}`), body, bytesOf('\r\n')),
  )

const soundForms = [
  joined(
    bytesOf(`--${boundary}\r\n${partHeads[0]}\r\n\r\n${originals.csv[0]}\r\n--${boundary}--\r\n`),
  ),
  joined(
    bytesOf(`--${boundary}\r\n${partHeads[1]}\r\n\r\n`),
    images,
    bytesOf(`\r\n--${boundary}\r\n${partHeads[2]}\r\n\r\n`),
    labels,
    bytesOf(`\r\n--${boundary}--\r\n`),
  ),
]

const builtForm = fc
  .record({
    parts: fc.array(part, { maxLength: 5 }),
    times: fc.constantFrom(1, 1, 1, 1, 2_000), // thousands of parts
    end: fc.constantFrom(`--${boundary}--\r\n`, `--${boundary}--`, `--${boundary}`, '--', ''),
  })
  .map(({ parts, times, end }) =>
    joined(...Array.from({ length: times }, () => parts).flat(), bytesOf(end)),
  )

const contentTypes = [
  ...Array.from({ length: 6 }, () => `multipart/form-data; boundary=${boundary}`),
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary=another',
  `multipart/form-data; boundary=${'b'.repeat(500)}`,
  `multipart/mixed; boundary=${boundary}`,
] as const

const formBody: fc.Arbitrary<FileBody> = fc.record({
  mediaType: fc.constantFrom(...contentTypes),
  bytes: fc.oneof(fc.constantFrom(...soundForms), ...soundForms.map(mutated), builtForm),
})
