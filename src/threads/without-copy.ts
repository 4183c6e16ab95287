/** @file Results whose bytes move to the caller: a copy of 100 MB would take as long as some jobs do. */
import { move, transferableSymbol, valueSymbol } from 'piscina'

/** To be returned by a thread entry, which is left without `bytes`; they are part of `result`. */
export function withoutCopy(result: object, { buffer }: Uint8Array<ArrayBuffer>): unknown {
  return move({
    get [transferableSymbol]() {
      return [buffer]
    },
    get [valueSymbol]() {
      return result
    },
  })
}
