/**
 * @file The headers of a tar file (POSIX ustar), for entries that are plain files of at most 8 GiB: so a
 * backup can be looked into with any `tar`. The packages for it bring a dozen others.
 *
 *   name 100 · mode 8 · uid 8 · gid 8 · size 12 · mtime 12 · checksum 8 · type 1 · link 100 · magic 8
 */
export const blockBytes = 512

/** Two empty blocks. */
export const endOfTar = Buffer.alloc(2 * blockBytes)

const nameBytes = 100
const sizeOffset = 124
const timeOffset = 136
const checksumOffset = 148
const typeOffset = 156
const magicOffset = 257
const plainFile = '0'

export interface TarHeader {
  readonly name: string
  readonly size: number
}

export function encodeHeader({ name, size }: TarHeader, modifiedAt: Date): Buffer {
  if (Buffer.byteLength(name) > nameBytes) throw new Error(`A name of at most 100 bytes: ${name}`)
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${octal(size, 11)}\0`, sizeOffset)
  header.write(`${octal(Math.floor(modifiedAt.getTime() / 1000), 11)}\0`, timeOffset)
  header.write(plainFile, typeOffset)
  header.write('ustar\x0000', magicOffset)
  header.write(`${octal(checksumOf(header), 6)}\0 `, checksumOffset)
  return header
}

/** Undefined for a block that is no header of ours. */
export function decodeHeader(block: Buffer): TarHeader | undefined {
  const text = (from: number, length: number) =>
    block.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const checksum = Number.parseInt(text(checksumOffset, 8), 8)
  if (checksum !== checksumOf(block)) return undefined
  if (text(magicOffset, 5) !== 'ustar' || text(typeOffset, 1) !== plainFile) return undefined
  return { name: text(0, nameBytes), size: Number.parseInt(text(sizeOffset, 12), 8) }
}

/** What fills the last block of an entry. */
export function paddingBytes(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

/** The sum of all bytes, with those of the checksum itself as spaces. */
function checksumOf(header: Buffer): number {
  const isChecksum = (at: number) => at >= checksumOffset && at < checksumOffset + 8
  return header.reduce((sum, byte, at) => sum + (isChecksum(at) ? 0x20 : byte), 0)
}
