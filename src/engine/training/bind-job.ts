/**
 * @file A plan on its memory: every view made, every layer bound. After this nothing is allocated.
 */
import { EngineError } from '../errors.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { Team } from '../kernels/team.ts'
import type { BoundLayer } from '../layers/layer.ts'
import type { BoundLoss } from '../losses/loss.ts'
import { createFloatArray, type FloatArray } from '../memory/float-array.ts'
import { alignmentBytes, type LinearMemory, type Region, viewRegion } from '../memory/layout.ts'
import type { OptimizerStep } from '../optimizers/optimizer.ts'
import { type Batches, createBatches } from './batches.ts'
import type { TrainingData } from './data.ts'
import { viewsInArena } from './parameter-arena.ts'
import type { TrainingPlan } from './plan.ts'

export interface BoundJob {
  readonly plan: TrainingPlan
  readonly kernels: Kernels
  readonly clock: { step: number }
  /** Whole arenas, all with the plan's parameter layout; gradients and slots of what trains. */
  readonly parameters: FloatArray
  readonly gradients: FloatArray
  readonly slots: readonly FloatArray[]
  readonly best: FloatArray
  /** Of the network's output. */
  readonly outputGradient: FloatArray // (batchSize, ...output)
  /** Parameters that do not train, at the end of the arena, and what they were before this step. */
  readonly statistics: FloatArray
  readonly statisticsBefore: FloatArray
  readonly team: Team
  readonly network: BoundLayer
  readonly loss: BoundLoss
  readonly optimizerSteps: readonly OptimizerStep[]
  /** The optimizer's running products, for the step that is being taken. */
  readonly products: Float64Array
  /** Of the step that is being taken. */
  readonly totals: { loss: number; correct: number }
  readonly batches: Batches
}

export interface JobParts {
  /** null in a thread that follows: the rows are loaded by the one that leads. */
  readonly training: TrainingData | null
  readonly validation: TrainingData | null
  readonly kernels: Kernels
  readonly memory: LinearMemory
  readonly team: Team
  readonly pulse: () => void
}

export function bindJob(plan: TrainingPlan, parts: JobParts): BoundJob {
  checkMemory(plan, parts.memory)
  const { details, regions } = plan
  const { kernels, pulse } = parts
  const view = (region: Region) => viewRegion(parts.memory, details.dtype, region)
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
  const statistics = arenas.parameters.subarray(details.arena.trainedLength)
  return {
    plan,
    kernels,
    clock,
    ...arenas,
    statistics,
    statisticsBefore: createFloatArray(details.dtype, statistics.length),
    team: parts.team,
    outputGradient: dy,
    network,
    loss,
    optimizerSteps: bindOptimizer(plan, arenas, kernels),
    totals: { loss: 0, correct: 0 },
    products: new Float64Array(details.options.optimizer.factors.length),
    batches: createBatches(plan, batch, parts),
  }
}

type Arenas = Pick<BoundJob, 'parameters' | 'gradients' | 'slots'>

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

function checkMemory({ memoryBytes }: TrainingPlan, memory: LinearMemory): void {
  const { buffer, offsetBytes = 0 } = memory
  if (offsetBytes % alignmentBytes === 0 && buffer.byteLength >= offsetBytes + memoryBytes) return
  throw new EngineError(
    'memory_too_small',
    `memory: expected ${memoryBytes} bytes from an offset that is a multiple of ${alignmentBytes}, got ${buffer.byteLength - offsetBytes} bytes from ${offsetBytes}.`,
  )
}
