/**
 * @file Some 300 small files that are wrong in one way each: every kind of dataset, times every way in
 * which files break on their way from other programs. Made here, so that none is kept.
 */
import { joined } from '../../support/idx.ts'
import { bytesOf, soundFiles } from './files.ts'

export interface HostileFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

type Damage = (bytes: Uint8Array) => Uint8Array

const cutAt =
  (share: number): Damage =>
  (bytes) =>
    bytes.subarray(0, Math.floor(bytes.length * share))

/** In the middle, where a header has been read and the file seemed sound. */
const withInside =
  (...inserted: readonly (string | readonly number[])[]): Damage =>
  (bytes) => {
    const middle = Math.floor(bytes.length / 2)
    const parts = inserted.map((each) =>
      typeof each === 'string' ? bytesOf(each) : Uint8Array.from(each),
    )
    return joined(bytes.subarray(0, middle), ...parts, bytes.subarray(middle))
  }

const withBefore =
  (...start: readonly number[]): Damage =>
  (bytes) =>
    joined(Uint8Array.from(start), bytes)

const withAfter =
  (end: string): Damage =>
  (bytes) =>
    joined(bytes, bytesOf(end))

/** As text, for what is damaged in characters and not in bytes; of IDX it makes nonsense, too. */
const asText =
  (change: (text: string) => string): Damage =>
  (bytes) =>
    Buffer.from(change(Buffer.from(bytes).toString('latin1')), 'latin1')

const damages: Readonly<Record<string, Damage>> = {
  empty: () => new Uint8Array(),
  'one byte': cutAt(0.01),
  'cut at a quarter': cutAt(0.25),
  'cut at half': cutAt(0.5),
  'cut at three quarters': cutAt(0.75),
  'without its last byte': (bytes) => bytes.subarray(0, -1),
  'twice over': (bytes) => joined(bytes, bytes),
  'back to front': (bytes) => bytes.slice().reverse(),
  'every bit flipped': (bytes) => bytes.map((byte) => byte ^ 0xff),
  'without its high bits': (bytes) => bytes.map((byte) => byte & 0x7f),
  'NUL inside': withInside([0]),
  'many NULs inside': withInside(Array.from({ length: 1_000 }, () => 0)),
  'a byte of Latin-1': withInside([0xe9]),
  'an overlong NUL': withInside([0xc0, 0x80]),
  'a surrogate in UTF-8': withInside([0xed, 0xa0, 0x80]),
  'half a character': withInside([0xf0, 0x9f]),
  'beyond Unicode': withInside([0xf5, 0x80, 0x80, 0x80]),
  'two byte order marks': withBefore(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf),
  'the mark of UTF-16': withBefore(0xff, 0xfe),
  'UTF-16': (bytes) => Uint8Array.from([0xff, 0xfe, ...[...bytes].flatMap((byte) => [byte, 0])]),
  'UTF-32, big end first': (bytes) =>
    Uint8Array.from([0, 0, 0xfe, 0xff, ...[...bytes].flatMap((byte) => [0, 0, 0, byte])]),
  'gzip by its first bytes': withBefore(0x1f, 0x8b, 8, 0),
  'zip by its first bytes': withBefore(0x50, 0x4b, 3, 4),
  'carriage returns alone': asText((text) => text.replaceAll(/\r?\n/g, '\r')),
  'no line ends': asText((text) => text.replaceAll(/\r?\n/g, ' ')),
  'blank lines between': asText((text) => text.replaceAll('\n', '\n\n\n')),
  'commas doubled': asText((text) => text.replaceAll(',', ',,')),
  'no commas': asText((text) => text.replaceAll(',', '')),
  'quotes that open': asText((text) => text.replaceAll('1', '"1')),
  'quotes of another kind': asText((text) => text.replaceAll('"', "'")),
  'numbers without end': asText((text) => text.replaceAll('1', '9'.repeat(400))),
  'numbers that are none': asText((text) => text.replaceAll('1', 'NaN')),
  'infinite numbers': asText((text) => text.replaceAll('1', '1e999')),
  'a cell too long': withInside('x'.repeat(70_000)),
  'too many columns': (bytes) => joined(bytesOf('c,'.repeat(12_000)), bytes),
  'brackets without end': withInside('['.repeat(50_000)),
  'objects without end': withInside('{"a":'.repeat(20_000)),
  'a name that reaches into prototypes': asText((text) => text.replaceAll('a', '__proto__')),
  'trailing text': withAfter('\n}]},,"'),
}

export function hostileFiles(): HostileFile[] {
  const types = Object.keys(soundFiles)
  const damaged = types.flatMap((mediaType) =>
    soundFiles[mediaType].flatMap((original, index) =>
      Object.entries(damages).map(([name, damage]) => ({
        name: `${mediaType} ${index}: ${name}`,
        mediaType,
        bytes: damage(original),
      })),
    ),
  )
  const mistaken = types.flatMap((mediaType) =>
    types
      .filter((other) => other !== mediaType)
      .map((other) => ({
        name: `${other} that is said to be ${mediaType}`,
        mediaType,
        bytes: soundFiles[other][0],
      })),
  )
  return [...damaged, ...mistaken]
}
