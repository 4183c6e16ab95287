/**
 * @file What a layer is: planned once, then bound to memory as two functions that mirror each other.
 *
 * `plan` is arithmetic and says what the layer needs for batches of up to `rows` samples. `bind` gets
 * views of exactly that, and after it nothing is allocated. A layer does not know its neighbors, the
 * loss, the optimizer, or the thread it runs on.
 *
 * One letter per dimension, everywhere in the engine:
 *
 *   B batch    T time, in tokens    C channels    H heads    V vocabulary    N rows, often B*T
 *   I and O    channels coming in and going out of a dense layer or a convolution
 *   H and W    height and width of an image
 */
import type { Definition } from '../definition.ts'
import type { Fans, Initializer } from '../initializers/initializer.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { FloatArray } from '../memory/float-array.ts'
import type { RowSource } from '../memory/row-source.ts'
import type { Shape } from '../shape.ts'

export interface Layer {
  readonly definition: Definition
  /** Throws EngineError where the layer cannot take `input`, the shape of one sample. */
  plan(input: Shape, rows: number, use: LayerUse): LayerPlan
}

/** A prediction keeps nothing for a backward pass. */
export type LayerUse = 'training' | 'prediction'

export interface LayerPlan {
  /** The shape of one sample of the output. */
  readonly output: Shape
  readonly parameters: readonly ParameterPlan[]
  /** Elements of each buffer that must live from forward to backward. */
  readonly saved: readonly number[]
  /** Elements of each buffer that is free again when a call returns. */
  readonly scratch: readonly number[]
  readonly flops: Flops
  /** What backward reads of the forward pass's x and y: both, when not given. The rest is not kept. */
  readonly reads?: Reads
  /**
   * True where y is cheap to make again from x, by the same call of `forward`: then it need not be kept
   * for the layer that reads it.
   */
  readonly repeats?: boolean
  /** The fewest samples that a batch in training may have; 1 when not given. */
  readonly leastRows?: number
  /** Throws `invalid_data` for inputs of the network that this layer, as its first, cannot take. */
  readonly checkInputs?: (inputs: RowSource) => void
  bind(views: LayerViews, context: LayerContext): BoundLayer
}

export interface Reads {
  readonly input: boolean
  readonly output: boolean
}

/** Floating point operations for one sample. */
export interface Flops {
  readonly forward: number
  readonly backward: number
}

export interface ParameterPlan {
  /** Within its layer, such as `weight`; a sequence puts the place in front: `0.weight`. */
  readonly name: string
  readonly shape: Shape
  readonly fans: Fans
  readonly initializer: Initializer
  /** True for matrices: optimizers can be told to let nothing else decay. */
  readonly decays: boolean
  /**
   * The name, within an enclosing sequence, of the parameter whose values this one has: it is the same
   * memory, held once, and gathers the gradients of both.
   */
  readonly shares?: string
  /**
   * False for what a layer keeps count of itself, such as running statistics: it has no gradient and no
   * optimizer touches it, but it is part of the weights. True when not given.
   */
  readonly trains?: boolean
}

export interface LayerViews {
  readonly x: FloatArray // (rows, ...input)
  readonly y: FloatArray // (rows, ...output)
  /** Null where nobody asks for the gradient of the input: at the first layer. */
  readonly dx: FloatArray | null // (rows, ...input), assigned by backward
  readonly dy: FloatArray // (rows, ...output)
  readonly parameters: readonly FloatArray[]
  /** Added to by backward; the trainer clears them. Empty for parameters that do not train. */
  readonly gradients: readonly FloatArray[]
  readonly saved: readonly FloatArray[]
  readonly scratch: readonly FloatArray[]
}

/** What layers share while they run. */
export interface LayerContext {
  readonly kernels: Kernels
  readonly seed: number
  /** The step that is being computed, counted from 1. */
  readonly clock: { step: number }
  /** Called between layers: marks progress, and throws `aborted` when the caller wants to stop. */
  readonly pulse: () => void
  /** A number that no other layer of this network gets; the same at every binding. */
  readonly claimStream: () => number
  /** Set by the layer that takes tokens, for the attention that is bound after it. */
  padding?: PaddingTokens
}

/** Which places of a sample hold nothing: those where its token is `token`. */
export interface PaddingTokens {
  readonly tokens: FloatArray // (rows, T)
  readonly token: number
}

export interface BoundLayer {
  forward(rows: number, mode: ForwardMode): void
  /** Reads dy and what the last forward pass in mode `train` left. */
  backward(rows: number): void
}

/** `evaluate` switches off what is random. */
export type ForwardMode = 'train' | 'evaluate'
