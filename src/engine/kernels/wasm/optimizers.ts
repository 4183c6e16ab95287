/** @file Optimizer steps. What does not change from element to element is computed here, in double. */
import type { Kernels } from '../kernels.ts'
import { shareEnd, shareStart, type Team } from '../team.ts'
import type { WasmExports } from './wasm-exports.ts'

type OptimizerKernels = Pick<
  Kernels,
  'sgdStep' | 'momentumStep' | 'adamStep' | 'rmspropStep' | 'rmspropMomentumStep'
>

export function optimizerKernels(wasm: WasmExports, team: Team): OptimizerKernels {
  const start = (n: number) => shareStart(team, n, 16)
  const count = (n: number) => shareEnd(team, n, 16) - shareStart(team, n, 16)
  return {
    sgdStep(p, g, learningRate, weightDecay, n) {
      const at = start(n) * 4
      wasm.sgdStep(p.byteOffset + at, g.byteOffset + at, learningRate, weightDecay, count(n))
      team.meet()
    },

    momentumStep(p, v, g, learningRate, momentum, nesterov, weightDecay, n) {
      const at = start(n) * 4
      wasm.momentumStep(
        p.byteOffset + at,
        v.byteOffset + at,
        g.byteOffset + at,
        learningRate,
        momentum,
        nesterov,
        weightDecay,
        count(n),
      )
      team.meet()
    },

    adamStep(p, m, v, g, learningRate, beta1, beta2, eps, mScale, vScale, l2, decay, n) {
      const at = start(n) * 4
      wasm.adamStep(
        p.byteOffset + at,
        m.byteOffset + at,
        v.byteOffset + at,
        g.byteOffset + at,
        learningRate,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        eps,
        mScale,
        vScale,
        l2,
        1 - learningRate * decay,
        count(n),
      )
      team.meet()
    },

    rmspropStep(p, s, g, learningRate, alpha, eps, weightDecay, n) {
      const at = start(n) * 4
      wasm.rmspropStep(
        p.byteOffset + at,
        s.byteOffset + at,
        g.byteOffset + at,
        learningRate,
        alpha,
        1 - alpha,
        eps,
        weightDecay,
        count(n),
      )
      team.meet()
    },

    rmspropMomentumStep(p, s, u, g, learningRate, alpha, eps, momentum, weightDecay, n) {
      const at = start(n) * 4
      wasm.rmspropMomentumStep(
        p.byteOffset + at,
        s.byteOffset + at,
        u.byteOffset + at,
        g.byteOffset + at,
        learningRate,
        alpha,
        1 - alpha,
        eps,
        momentum,
        weightDecay,
        count(n),
      )
      team.meet()
    },
  }
}
