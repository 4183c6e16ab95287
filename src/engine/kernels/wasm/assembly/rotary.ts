/** @file Rotary positions: the halves of each head of q and k, turned in place. */
import { bytesOf, splat } from './lanes.ts'

export function turnHeads(
  x: usize, // (N, 3, H, D), of which the first two are turned
  cosines: usize, // (T, D / 2)
  sines: usize, // (T, D / 2)
  direction: f32, // 1, or -1 for the turn back
  firstRow: i32, // the place of x[0] among all rows
  N: i32,
  T: i32,
  H: i32,
  D: i32,
): void {
  const half = bytesOf(D) >> 1
  for (let n = 0; n < N; n++) {
    const angle = <usize>((firstRow + n) % T) * half
    for (let head = 0; head < 2 * H; head++) {
      const a = x + bytesOf(head * D)
      const b = a + half
      let i: usize = 0
      for (; i + 16 <= half; i += 16) {
        const cos = v128.load(cosines + angle + i)
        const sin = f32x4.mul(splat(direction), v128.load(sines + angle + i))
        const u = v128.load(a + i)
        const v = v128.load(b + i)
        v128.store(a + i, f32x4.sub(f32x4.mul(u, cos), f32x4.mul(v, sin)))
        v128.store(b + i, f32x4.add(f32x4.mul(u, sin), f32x4.mul(v, cos)))
      }
      for (; i < half; i += 4) {
        const cos = load<f32>(cosines + angle + i)
        const sin = direction * load<f32>(sines + angle + i)
        const u = load<f32>(a + i)
        const v = load<f32>(b + i)
        store<f32>(a + i, u * cos - v * sin)
        store<f32>(b + i, u * sin + v * cos)
      }
    }
    x += bytesOf(3 * H * D)
  }
}
