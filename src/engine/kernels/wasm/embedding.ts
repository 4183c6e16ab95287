/** @file Embeddings, positions and the sum of two arrays. */
import type { Kernels } from '../kernels.ts'
import { fillSinusoids } from '../reference/positions.ts'
import { fillRotaryAngles } from '../reference/rotary.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { Divider } from './divide.ts'
import type { WasmExports } from './wasm-exports.ts'

type EmbeddingKernels = Pick<
  Kernels,
  | 'add'
  | 'embeddingForward'
  | 'embeddingBackward'
  | 'addPositions'
  | 'addPositionsBackward'
  | 'fillSinusoids'
  | 'fillRotaryAngles'
  | 'rotaryForward'
  | 'rotaryBackward'
>

/** A cache line of float32: no two threads write into one. */
const line = 16

export function embeddingKernels(wasm: WasmExports, divide: Divider, team: Team): EmbeddingKernels {
  const turn =
    (direction: 1 | -1): Kernels['rotaryForward'] =>
    (x, angles, B, T, H, D) => {
      const from = shareStart(team, B * T, 1)
      const cosines = angles.byteOffset
      wasm.turnHeads(
        x.byteOffset + from * 3 * H * D * 4,
        cosines,
        cosines + T * D * 2, // the sines lie after T * D / 2 cosines
        direction,
        from,
        shareEnd(team, B * T, 1) - from,
        T,
        H,
        D,
      )
      team.meet()
    }

  return {
    add: divide.unary(wasm.add),

    embeddingForward(y, tokens, weight, N, C) {
      const from = shareStart(team, N, 1)
      const count = shareEnd(team, N, 1) - from
      const out = y.byteOffset + from * C * 4
      wasm.embeddingForward(out, tokens.byteOffset + from * 4, weight.byteOffset, count, C)
      team.meet()
    },
    // Two threads may meet the same token, so it is the channels that are divided.
    embeddingBackward(dweight, dy, tokens, N, C) {
      const from = shareStart(team, C, line)
      wasm.embeddingBackward(
        dweight.byteOffset + from * 4,
        dy.byteOffset + from * 4,
        tokens.byteOffset,
        N,
        shareEnd(team, C, line) - from,
        C,
      )
      team.meet()
    },

    addPositions(y, x, positions, B, size) {
      const from = shareStart(team, B, 1)
      const at = from * size * 4
      const count = shareEnd(team, B, 1) - from
      wasm.addRow(y.byteOffset + at, x.byteOffset + at, positions.byteOffset, count, size)
      team.meet()
    },
    addPositionsBackward(dpositions, dy, B, size) {
      const from = shareStart(team, size, line)
      const at = from * 4
      const columns = shareEnd(team, size, line) - from
      wasm.addColumnSums(dpositions.byteOffset + at, dy.byteOffset + at, B, columns, size)
      team.meet()
    },

    // Sines in double precision are the same in every table, and few.
    fillSinusoids(positions, T, C) {
      if (team.index === 0) fillSinusoids(positions, T, C)
      team.meet()
    },
    fillRotaryAngles(angles, T, D) {
      if (team.index === 0) fillRotaryAngles(angles, T, D)
      team.meet()
    },
    rotaryForward: turn(1),
    rotaryBackward: turn(-1),
  }
}
