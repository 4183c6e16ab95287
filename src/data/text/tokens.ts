/** @file Tokens as numbers, in the smallest array that holds them. */
export type Tokens = Uint8Array | Uint16Array | Uint32Array

export function createTokens(vocabulary: number, length: number): Tokens {
  switch (tokenBytes(vocabulary)) {
    case 1:
      return new Uint8Array(length)
    case 2:
      return new Uint16Array(length)
    default:
      return new Uint32Array(length)
  }
}

export function tokenBytes(vocabulary: number): 1 | 2 | 4 {
  if (vocabulary <= 2 ** 8) return 1
  return vocabulary <= 2 ** 16 ? 2 : 4
}
