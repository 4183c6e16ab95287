/**
 * @file What a text that is no decimal number can mean beside itself: a truth value, or a number
 * beyond all numbers.
 */
export interface Truth {
  readonly vocabulary: 'true_false' | 'yes_no'
  readonly value: boolean
}

const truths = new Map<string, Truth>([
  ['true', { vocabulary: 'true_false', value: true }],
  ['false', { vocabulary: 'true_false', value: false }],
  ['yes', { vocabulary: 'yes_no', value: true }],
  ['no', { vocabulary: 'yes_no', value: false }],
])

/** In any case, and with any space around; null for other text. */
export function truthOf(text: string): Truth | null {
  return truths.get(text.trim().toLowerCase()) ?? null
}

/** Infinity and inf with any sign, and numbers like 1e999 that a double cannot hold. */
export function isInfinite(text: string): boolean {
  return Math.abs(Number(text)) === Infinity || /^\s*[+-]?inf(inity)?\s*$/i.test(text)
}
