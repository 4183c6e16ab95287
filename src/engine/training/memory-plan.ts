/**
 * @file Where everything of a training job lies in its linear memory, and what a job takes up in all.
 *
 * Beside the linear memory there are the rows themselves, which the caller holds, their order, and one
 * snapshot on its way out.
 */
import { elementBytes } from '../memory/float-array.ts'
import { createLayout, type Region } from '../memory/layout.ts'
import { sizeOf } from '../shape.ts'
import type { TrainingDetails } from './plan.ts'

export interface TrainingRegions {
  readonly parameters: Region
  readonly gradients: Region
  readonly slots: readonly Region[]
  /** Empty unless the best weights are kept. */
  readonly best: Region
  readonly inputs: Region
  readonly targets: Region
  readonly output: Region
  readonly outputGradient: Region
  readonly saved: readonly Region[]
  readonly lossSaved: readonly Region[]
  readonly scratch: readonly Region[]
}

export interface TrainingBytes {
  readonly parameters: number
  readonly gradients: number
  readonly optimizer: number
  /** The best weights so far, if early stopping restores them. */
  readonly best: number
  /** The batch, and what the forward pass keeps for the backward pass. */
  readonly activations: number
  readonly scratch: number
  /** All rows and their targets, and the order they are read in. */
  readonly data: number
  /** One snapshot: a copy of parameters, optimizer state and best weights. */
  readonly snapshot: number
  readonly total: number
}

export interface MemoryPlan {
  readonly regions: TrainingRegions
  readonly bytes: TrainingBytes
  readonly memoryBytes: number
}

type Facts = Omit<TrainingDetails, 'interval'>

export function arrangeMemory(details: Facts, batchSize: number): MemoryPlan {
  const { dtype, arena, network, loss, inputSize, targetSize, earlyStopping, options } = details
  const layout = createLayout(dtype)
  const reserve = (length: number) => layout.reserve(length)
  const outputLength = batchSize * sizeOf(network.output)

  const [parameters, parameterBytes] = measured(layout, () => reserve(arena.length))
  const [gradients, gradientBytes] = measured(layout, () => reserve(arena.trainedLength))
  const [slots, optimizer] = measured(layout, () =>
    options.optimizer.slots.map(() => reserve(arena.trainedLength)),
  )
  const [best, bestBytes] = measured(layout, () =>
    reserve(earlyStopping?.restoreBest ? arena.length : 0),
  )
  const [kept, activations] = measured(layout, () => ({
    inputs: reserve(batchSize * inputSize),
    targets: reserve(batchSize * targetSize),
    output: reserve(outputLength),
    saved: network.saved.map(reserve),
    lossSaved: loss.saved.map(reserve),
  }))
  const [free, scratch] = measured(layout, () => ({
    outputGradient: reserve(outputLength),
    scratch: network.scratch.map(reserve),
  }))

  const snapshot = parameterBytes + optimizer + bestBytes
  const data = dataBytes(details)
  const memoryBytes = layout.sizeBytes
  return {
    regions: { parameters, gradients, slots, best, ...kept, ...free },
    bytes: {
      parameters: parameterBytes,
      gradients: gradientBytes,
      optimizer,
      best: bestBytes,
      activations,
      scratch,
      data,
      snapshot,
      total: memoryBytes + data + snapshot,
    },
    memoryBytes,
  }
}

function dataBytes(details: Facts): number {
  const { dtype, trainingRows, validationRows, inputSize, targetSize, shuffles, options } = details
  const rowBytes = (inputSize + targetSize) * elementBytes[dtype]
  const orderBytes = shuffles ? trainingRows * Uint32Array.BYTES_PER_ELEMENT : 0
  return (options.dataBytes ?? (trainingRows + validationRows) * rowBytes) + orderBytes
}

/** What `place` returns, and how many bytes the layout grew by it. */
function measured<Placed>(
  layout: { readonly sizeBytes: number },
  place: () => Placed,
): [Placed, number] {
  const before = layout.sizeBytes
  const placed = place()
  return [placed, layout.sizeBytes - before]
}
