/**
 * @file A plan on its memory: every view made, every layer bound. After this nothing is allocated.
 */
import { EngineError } from '../errors.ts'
import type { OpenedMemory } from '../kernels/backend.ts'
import type { Team } from '../kernels/team.ts'
import { createFloatArray, type FloatArray } from '../memory/float-array.ts'
import { alignmentBytes, type LinearMemory } from '../memory/layout.ts'
import { type Batches, createBatches } from './batches.ts'
import { type BoundStep, bindStep } from './bind-step.ts'
import type { TrainingData } from './data.ts'
import type { TrainingPlan } from './plan.ts'
import { type RecordedStep, recordStep } from './recorded-step.ts'

export interface BoundJob extends BoundStep {
  readonly plan: TrainingPlan
  /** Parameters that do not train, at the end of the arena, and what they were before this step. */
  readonly statistics: FloatArray
  readonly statisticsBefore: FloatArray
  readonly team: Team
  /** The optimizer's running products, for the step that is being taken. */
  readonly products: Float64Array
  /** Of the step that is being taken. */
  readonly totals: { loss: number; correct: number }
  readonly batches: Batches
  readonly pulse: () => void
  /** null where steps are large, or not alike. */
  readonly recorded: RecordedStep | null
}

export interface JobParts extends OpenedMemory {
  /** null in a thread that follows: the rows are loaded by the one that leads. */
  readonly training: TrainingData | null
  readonly validation: TrainingData | null
  readonly pulse: () => void
  /** Told why a recorded step does not compile; its calls are then made one by one. Thrown where not given. */
  readonly onUncompiled?: (error: unknown) => void
}

export function bindJob(plan: TrainingPlan, parts: JobParts): BoundJob {
  checkMemory(plan, parts.memory)
  const { details } = plan
  const step = bindStep(plan, parts)
  const statistics = step.parameters.subarray(details.arena.trainedLength)
  return {
    ...step,
    plan,
    statistics,
    statisticsBefore: createFloatArray(details.dtype, statistics.length),
    team: parts.team,
    totals: { loss: 0, correct: 0 },
    products: new Float64Array(details.options.optimizer.factors.length),
    batches: createBatches(plan, step.batch, parts),
    pulse: parts.pulse,
    recorded: recordStep(plan, parts),
  }
}

function checkMemory({ memoryBytes }: TrainingPlan, memory: LinearMemory): void {
  const { buffer, offsetBytes = 0 } = memory
  if (offsetBytes % alignmentBytes === 0 && buffer.byteLength >= offsetBytes + memoryBytes) return
  throw new EngineError(
    'memory_too_small',
    `memory: expected ${memoryBytes} bytes from an offset that is a multiple of ${alignmentBytes}, got ${buffer.byteLength - offsetBytes} bytes from ${offsetBytes}.`,
  )
}
