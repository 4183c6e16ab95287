/**
 * @file A step of a small network as one call: what it asks of the kernels is recorded once, and made
 * again as it was. The kernels, their arguments and their order are the same, and so are the bits.
 */
import type { RecordedCall, Recorder } from '../kernels/backend.ts'
import type { JobParts } from './bind-job.ts'
import { type BoundStep, bindStep } from './bind-step.ts'
import type { TrainingPlan } from './plan.ts'

export interface RecordedStep {
  /** True where the parameters are updated too; otherwise the gradients are there, and no more. */
  readonly updates: boolean
  /** Whether there are right and wrong answers, which are not counted by it. */
  readonly decides: boolean
  /**
   * Takes the step for the full batch that is in place and returns the sum of its losses. Where that is
   * not finite, nothing after the losses has been computed.
   */
  take(): number
}

/** In a longer step the time between the kernels is lost in theirs, and it could not be abandoned. */
const maxFlops = 2_000_000
/** A recorded address is a number with a sign. */
const maxBytes = 0x7fffffff
/** In fewer steps less is gained than it takes to compile one. */
const minSteps = 2000

/** Returns null where that would not be worth it, or cannot be: where a step is not like another, or does not compile. */
export function recordStep(
  plan: TrainingPlan,
  {
    memory,
    createRecorder,
    onUncompiled,
  }: Pick<JobParts, 'memory' | 'createRecorder' | 'onUncompiled'>,
): RecordedStep | null {
  const isSmall = plan.flopsPerStep <= maxFlops && memory.buffer.byteLength <= maxBytes
  const isOften = plan.steps >= minSteps && plan.details.accumulate === 1
  if (!createRecorder || !isSmall || !isOften) return null
  const recorder = createRecorder()
  const step = bindStep(plan, { kernels: recorder.kernels, memory, pulse() {} })
  const updates = isUpdateConstant(plan)
  recorder.take() // what binding computed
  const calls = callsOf(step, recorder, plan, 1, updates)
  // Chance, of which dropout is made, comes with the number of the step.
  const others = calls && callsOf(step, recorder, plan, 2, updates)
  if (!calls || JSON.stringify(calls) !== JSON.stringify(others)) return null
  try {
    const take = recorder.replay(calls.losses, calls.rest, plan.steps)
    return { updates, decides: plan.details.loss.decisions > 0, take }
  } catch (error) {
    if (!onUncompiled) throw error
    onUncompiled(error)
    return null
  }
}

interface StepCalls {
  readonly losses: readonly RecordedCall[]
  readonly rest: readonly RecordedCall[]
}

function callsOf(
  { kernels, clock, gradients, network, loss, optimizerSteps }: BoundStep,
  recorder: Recorder,
  { batchSize, details }: TrainingPlan,
  number: number,
  updates: boolean,
): StepCalls | null {
  clock.step = number
  kernels.clear(gradients, gradients.length)
  network.forward(batchSize, 'train')
  loss.forward(batchSize)
  const losses = recorder.take()
  if (!losses) return null
  loss.backward(batchSize)
  network.backward(batchSize)
  if (updates) {
    for (const update of optimizerSteps) update(details.options.learningRate, noProducts)
  }
  const rest = recorder.take()
  return rest && { losses, rest }
}

const noProducts = new Float64Array(0)

/** Whether the optimizer is asked for the same at each step. */
function isUpdateConstant({ details: { options, schedule } }: TrainingPlan): boolean {
  const { type, warmupSteps = 0 } = schedule.definition
  const isRateConstant = type === 'constant' && warmupSteps === 0
  return isRateConstant && options.optimizer.factors.length === 0 && options.clipNorm === undefined
}
