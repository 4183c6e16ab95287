import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DatasetProfile } from '../../../src/contract/datasets.ts'
import { DataError } from '../../../src/data/data-error.ts'
import { readImages } from '../../../src/data/images/read-images.ts'
import { idxFile, joined } from '../../support/idx.ts'
import { readDataset } from '../support/reading.ts'

const images = idxFile([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
const labels = idxFile([3], [9, 2, 9])
const both = joined(images, labels)

const read = (file: Uint8Array, pieceSize = 65_536) => readDataset('idx', file, 1, pieceSize)

describe('images and their labels', () => {
  test('are known by their header, and by how often each label occurs', () => {
    const { profile, preview } = read(both)

    expect(DatasetProfile.parse(profile)).toEqual({
      kind: 'images',
      rows: 3,
      shape: [1, 2, 2],
      classes: ['2', '9'],
      class_counts: [1, 2],
      warnings: [],
    })
    expect(preview).toEqual([])
  })

  test('may have channels', () => {
    const file = joined(idxFile([1, 3, 2, 1], [1, 2, 3, 4, 5, 6]), idxFile([1], [0]))
    expect(read(file).profile).toMatchObject({ rows: 1, shape: [3, 2, 1] })
  })

  test('labels sort by size, not as text', () => {
    const file = joined(idxFile([3, 1, 1], [0, 0, 0]), idxFile([3], [10, 9, 200]))
    expect(read(file).profile).toMatchObject({ classes: ['9', '10', '200'] })
  })

  test.each([1, 2, 3, 5, 7, 13])('are the same in pieces of %i bytes', (size) => {
    expect(read(both, size)).toEqual(read(both))
  })

  test('are read again without a copy', () => {
    const { pixels, labels: read } = readImages(both, { rows: 3 })

    expect([...pixels]).toEqual([...Array(12).keys()])
    expect([...read]).toEqual([9, 2, 9])
    expect(pixels.buffer).toBe(both.buffer)
    expect(() => readImages(both, { rows: 4 })).toThrow('the 4 images that it had')
    expect(() => readImages(both.subarray(0, 20), { rows: 3 })).toThrow('ends within the images')
  })
})

describe('what is no such file is refused, with its place', () => {
  const withByte = (at: number, byte: number) => {
    const changed = both.slice()
    changed[at] = byte
    return changed
  }

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /^The images end before their header does/],
    ['half a header', both.subarray(0, 9), /^The images end before their header does/],
    ['no labels', images, /^There are images but no labels\. Send a form/],
    ['half an image', both.subarray(0, 20), /^The images end 8 bytes before their header says/],
    ['half a header of labels', both.subarray(0, 33), /^The labels end before their header does/],
    ['a label too few', both.subarray(0, both.length - 1), /^The labels end 1 bytes before/],
    ['a byte too many', joined(both, Uint8Array.of(0)), /^There are more bytes than/],
    ['another count', joined(images, idxFile([2], [1, 2])), /^There are 3 images, but 2 labels/],
    ['a file of text', new TextEncoder().encode('a,b\n1,2\n'), /magic number .*, got 0x612c620a/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), /which is gzip; .* parts of a form/],
    ['floats', withByte(2, 0x0d), /^The images are no IDX file of unsigned bytes/],
    ['labels first', joined(labels, images), /expected the magic number 0x00000803 or 0x00000804/],
    ['images twice', joined(images, images), /^The labels are no IDX file .* 0x00000801/],
    ['no rows', idxFile([0, 2, 2], []), /says 0 × 2 × 2; expected sizes of at least 1/],
    [
      'sizes that no file can have',
      idxFile([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], []),
      /says 4294967295 × 4294967295 × 4294967295 × 4294967295/,
    ],
  ])('%s', (_name, file, message) => {
    for (const size of [1, 6, 65_536]) {
      expect(() => read(file, size)).toThrow(DataError)
      expect(() => read(file, size)).toThrow(message)
    }
  })

  test('however a header is changed, there is a profile or an error with its reason', () => {
    const headerPlaces = [...Array(16).keys(), ...Array.from({ length: 8 }, (_, i) => 28 + i)]
    const edits = fc.array(fc.tuple(fc.constantFrom(...headerPlaces), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(edits, fc.integer({ min: 0, max: both.length }), (changes, length) => {
        const file = both.slice()
        for (const [at, byte] of changes) file[at] = byte
        for (const bytes of [file, file.subarray(0, length)]) {
          try {
            expect(DatasetProfile.parse(read(bytes).profile).kind).toBe('images')
          } catch (error) {
            expect(error).toBeInstanceOf(DataError)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })
})
