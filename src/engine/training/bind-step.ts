/** @file What a step computes, on its memory: network, loss and optimizer, with one table of kernels. */
import type { Kernels } from '../kernels/kernels.ts'
import type { BoundLayer } from '../layers/layer.ts'
import type { BoundLoss } from '../losses/loss.ts'
import type { FloatArray } from '../memory/float-array.ts'
import { type LinearMemory, type Region, viewRegion } from '../memory/layout.ts'
import type { OptimizerStep } from '../optimizers/optimizer.ts'
import { viewsInArena } from './parameter-arena.ts'
import type { TrainingPlan } from './plan.ts'

export interface BoundStep {
  readonly kernels: Kernels
  readonly clock: { step: number }
  /** Whole arenas, all with the plan's parameter layout; gradients and slots of what trains. */
  readonly parameters: FloatArray
  readonly gradients: FloatArray
  readonly slots: readonly FloatArray[]
  readonly best: FloatArray
  readonly batch: BatchViews
  /** Of the network's output. */
  readonly outputGradient: FloatArray // (batchSize, ...output)
  readonly network: BoundLayer
  readonly loss: BoundLoss
  readonly optimizerSteps: readonly OptimizerStep[]
}

export interface BatchViews {
  readonly inputs: FloatArray // (batchSize, ...inputShape)
  readonly targets: FloatArray // (batchSize, ...targetShape)
}

export interface StepParts {
  readonly kernels: Kernels
  readonly memory: LinearMemory
  readonly pulse: () => void
}

export function bindStep(plan: TrainingPlan, { kernels, memory, pulse }: StepParts): BoundStep {
  const { details, regions } = plan
  const view = (region: Region) => viewRegion(memory, details.dtype, region)
  const clock = { step: 0 }
  const arenas = {
    parameters: view(regions.parameters),
    gradients: view(regions.gradients),
    slots: regions.slots.map(view),
    best: view(regions.best),
  }
  const batch = { inputs: view(regions.inputs), targets: view(regions.targets) }
  const y = view(regions.output)
  const dy = view(regions.outputGradient)
  let streams = 0
  const network = details.network.bind(
    {
      x: batch.inputs,
      y,
      dx: null,
      dy,
      parameters: viewsInArena(details.arena, arenas.parameters),
      gradients: viewsInArena(details.arena, arenas.gradients),
      saved: regions.saved.map(view),
      scratch: regions.scratch.map(view),
    },
    { kernels, seed: details.options.seed, clock, pulse, claimStream: () => streams++ },
  )
  const loss = details.loss.bind(
    { y, dy, targets: batch.targets, saved: regions.lossSaved.map(view) },
    kernels,
  )
  return {
    kernels,
    clock,
    ...arenas,
    batch,
    outputGradient: dy,
    network,
    loss,
    optimizerSteps: bindOptimizer(plan, arenas, kernels),
  }
}

type Arenas = Pick<BoundStep, 'parameters' | 'gradients' | 'slots'>

/** One group when all decay alike, two when only matrices do. */
function bindOptimizer(
  { details: { arena, options } }: TrainingPlan,
  { parameters, gradients, slots }: Arenas,
  kernels: Kernels,
): OptimizerStep[] {
  const { optimizer } = options
  const group = (start: number, end: number, decays: boolean) =>
    optimizer.bind(
      {
        p: parameters.subarray(start, end),
        g: gradients.subarray(start, end),
        slots: slots.map((slot) => slot.subarray(start, end)),
        decays,
      },
      kernels,
    )
  if (optimizer.decays === 'all') return [group(0, arena.trainedLength, true)]
  const { decayingLength, trainedLength } = arena
  return [group(0, decayingLength, true), group(decayingLength, trainedLength, false)]
}
