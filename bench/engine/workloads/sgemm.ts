/** @file (g) One matrix product, 512 × 512 × 512 in float32, on one thread: a dense layer without bias. */
import { createLayout, viewRegion } from '../../../src/engine/memory/layout.ts'
import { normals } from './drawn.ts'
import type { OtherWorkload } from './workload.ts'

const n = 512

export const sgemm: OtherWorkload = {
  name: 'g sgemm 512 × 512 × 512',
  threads: [1],
  bars: [{ peer: 'NumPy', threads: 1, native: 0.9, wasm: 0.33 }],
  prepare(backend) {
    const layout = createLayout('float32')
    const regions = [0, 1, 2].map(() => layout.reserve(n * n))
    const { kernels, memory } = backend.open(layout.sizeBytes)
    const [y, x, weight] = regions.map((region) => viewRegion(memory, 'float32', region))
    x.set(normals(n * n, 0))
    weight.set(normals(n * n, 1))
    return (steps) => {
      for (let step = 0; step < steps; step++) kernels.denseForward(y, x, weight, null, n, n, n)
    }
  },
}
