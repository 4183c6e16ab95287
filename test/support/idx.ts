/** @file Small IDX files, as tests need them. */

/** A file of unsigned bytes: the magic number, the sizes, the data. */
export function idxFile(
  sizes: readonly number[],
  data: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
  header.setUint32(0, 0x0800 + sizes.length)
  for (const [i, size] of sizes.entries()) header.setUint32(4 + 4 * i, size)
  return joined(new Uint8Array(header.buffer), Uint8Array.from(data))
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Gray images of 2 × 3 that are bright at one end; which, their label says: 3 or 7. */
export function brightEnds(rows: number): {
  images: Uint8Array<ArrayBuffer>
  labels: Uint8Array<ArrayBuffer>
} {
  const label = (row: number) => (row % 3 === 0 ? 7 : 3)
  const pixels = Array.from({ length: rows * 6 }, (_, i) => {
    const isLeft = i % 3 === 0
    const bright = isLeft === (label(Math.floor(i / 6)) === 3)
    return (bright ? 200 : 20) + ((i * 7) % 31)
  })
  return {
    images: idxFile([rows, 2, 3], pixels),
    labels: idxFile(
      [rows],
      Array.from({ length: rows }, (_, row) => label(row)),
    ),
  }
}
