/**
 * @file Dropout, from the same counter-based stream as the reference: block i / 4 of Philox4x32-10,
 * word i % 4. So a mask has the same bits on every table and in every thread.
 *
 * Reference: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
import { bytesOf } from './lanes.ts'

const MULTIPLIER_0: u64 = 0xd2511f53
const MULTIPLIER_1: u64 = 0xcd9e8d57
const WEYL_0: u32 = 0x9e3779b9
const WEYL_1: u32 = 0xbb67ae85
/** Of ../../../random/stream.ts. */
const PURPOSE: u32 = 3

/** What `draw` has drawn. */
export let word0: u32 = 0
export let word1: u32 = 0
export let word2: u32 = 0
export let word3: u32 = 0

/** Four words of the stream. */
export function draw(block: u32, step: u32, stream: u32, seedLow: u32, seedHigh: u32): void {
  let x0 = block
  let x1 = step
  let x2 = stream
  let x3 = PURPOSE
  let key0 = seedLow
  let key1 = seedHigh
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>x0 * MULTIPLIER_0
    const product1 = <u64>x2 * MULTIPLIER_1
    x0 = <u32>(product1 >> 32) ^ x1 ^ key0
    x1 = <u32>product1
    x2 = <u32>(product0 >> 32) ^ x3 ^ key1
    x3 = <u32>product0
    key0 += WEYL_0
    key1 += WEYL_1
  }
  word0 = x0
  word1 = x1
  word2 = x2
  word3 = x3
}

/** Elements `from` to `to` of the layer's n; `from` is a multiple of 4. The mask is saved. */
export function dropoutForward(
  y: usize,
  mask: usize,
  x: usize,
  threshold: f64,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
  from: i32,
  to: i32,
): void {
  for (let i = from; i < to; i += 4) {
    draw(<u32>(i >> 2), step, stream, seedLow, seedHigh)
    const at = bytesOf(i)
    keepOrDrop(y + at, mask + at, x + at, word0, threshold, scale)
    if (i + 1 < to) keepOrDrop(y + at + 4, mask + at + 4, x + at + 4, word1, threshold, scale)
    if (i + 2 < to) keepOrDrop(y + at + 8, mask + at + 8, x + at + 8, word2, threshold, scale)
    if (i + 3 < to) keepOrDrop(y + at + 12, mask + at + 12, x + at + 12, word3, threshold, scale)
  }
}

@inline
function keepOrDrop(y: usize, mask: usize, x: usize, word: u32, threshold: f64, scale: f32): void {
  const factor: f32 = <f64>word < threshold ? 0 : scale
  store<f32>(mask, factor)
  store<f32>(y, load<f32>(x) * factor)
}
