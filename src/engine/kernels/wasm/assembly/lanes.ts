/**
 * @file Vectors of four float32 lanes: loads and stores of parts, and the one order in which lanes
 * are joined (docs/numerics.md).
 *
 * This folder is AssemblyScript: TypeScript's syntax, compiled to WebAssembly. A pointer is a byte
 * offset into the job's memory. No fused multiply-add, no relaxed operation: every lane has the bits
 * that the same float32 arithmetic has anywhere.
 */

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x)
}

/** a + x * y, rounded twice. */
@inline
export function addProduct(a: v128, x: v128, y: v128): v128 {
  return f32x4.add(a, f32x4.mul(x, y))
}

/** The bytes of n float32. */
@inline
export function bytesOf(n: i32): usize {
  return (<usize>n) << 2
}

/** The first `count` lanes from memory, 1 to 3 of them; the others are `rest`. */
export function loadPart(from: usize, count: i32, rest: f32): v128 {
  let lanes = splat(rest)
  lanes = f32x4.replace_lane(lanes, 0, load<f32>(from))
  if (count > 1) lanes = f32x4.replace_lane(lanes, 1, load<f32>(from, 4))
  if (count > 2) lanes = f32x4.replace_lane(lanes, 2, load<f32>(from, 8))
  return lanes
}

/** What is there of four lanes, `left` bytes or more; the others are `rest`. */
export function loadUpTo(from: usize, left: isize, rest: f32): v128 {
  if (left >= 16) return v128.load(from)
  return left > 0 ? loadPart(from, <i32>left >> 2, rest) : splat(rest)
}

/** Stores the first `count` lanes, 1 to 3 of them. */
export function storePart(to: usize, lanes: v128, count: i32): void {
  store<f32>(to, f32x4.extract_lane(lanes, 0))
  if (count > 1) store<f32>(to, f32x4.extract_lane(lanes, 1), 4)
  if (count > 2) store<f32>(to, f32x4.extract_lane(lanes, 2), 8)
}

/** (l0 + l1) + (l2 + l3) */
@inline
export function joinLanes(lanes: v128): f32 {
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  )
}

/** Sixteen partial sums, in four vectors, into one. */
@inline
export function joinPartials(a: v128, b: v128, c: v128, d: v128): f32 {
  return joinLanes(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
}

@inline
export function largestLane(lanes: v128): f32 {
  const swapped = f32x4.max(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.max(swapped, i32x4.shuffle(swapped, swapped, 1, 0, 3, 2)), 0)
}
