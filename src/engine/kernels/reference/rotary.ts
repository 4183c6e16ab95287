/**
 * @file Rotary positions, reference kernels: queries and keys are turned by angles that grow with their
 * position, so that their product depends on the distance alone. Channel i of a head turns with channel
 * i + D/2, as in GPT-NeoX and Llama.
 *
 * Reference: https://arxiv.org/abs/2104.09864
 */
import type { FloatArray } from '../../memory/float-array.ts'
import { exp } from '../../numerics/exp.ts'
import { cosine, sine } from '../../numerics/sine-cosine.ts'
import { LOG_LONGEST } from './positions.ts'

/** angles[0, t, i] = cos(t * w), angles[1, t, i] = sin(t * w), with w = 10000^(-2i / D). */
export function fillRotaryAngles(
  angles: FloatArray, // (2, T, D / 2)
  T: number,
  D: number,
): void {
  const half = D / 2
  for (let i = 0; i < half; i++) {
    const frequency = exp((-LOG_LONGEST * 2 * i) / D)
    for (let t = 0; t < T; t++) {
      angles[t * half + i] = cosine(t * frequency)
      angles[(T + t) * half + i] = sine(t * frequency)
    }
  }
}

/** In place, for q and k:  (a, b) = (a cos - b sin, a sin + b cos), with b half a head after a. */
export function rotaryForward(
  qkv: FloatArray, // (B, T, 3, H, D)
  angles: FloatArray, // (2, T, D / 2)
  B: number,
  T: number,
  H: number,
  D: number,
): void {
  turn(qkv, angles, 1, B, T, H, D)
}

/** From (a', b') = (a cos - b sin, a sin + b cos), in place:  the turn back. */
export function rotaryBackward(
  dqkv: FloatArray, // (B, T, 3, H, D)
  angles: FloatArray, // (2, T, D / 2)
  B: number,
  T: number,
  H: number,
  D: number,
): void {
  turn(dqkv, angles, -1, B, T, H, D)
}

function turn(
  x: FloatArray,
  angles: FloatArray,
  direction: 1 | -1,
  B: number,
  T: number,
  H: number,
  D: number,
): void {
  const half = D / 2
  for (let n = 0; n < B * T; n++) {
    const angle = (n % T) * half
    for (let head = 0; head < 2 * H; head++) {
      const from = n * 3 * H * D + head * D // the heads of q, then those of k
      for (let i = 0; i < half; i++) {
        const cos = angles[angle + i]
        const sin = direction * angles[T * half + angle + i]
        const a = x[from + i]
        const b = x[from + half + i]
        x[from + i] = a * cos - b * sin
        x[from + half + i] = a * sin + b * cos
      }
    }
  }
}
