/**
 * @file The embedding: a learned vector for each token of a vocabulary. Tokens are whole numbers, as
 * floats; the matrix is named and stored as in PyTorch's Embedding.
 */
import type { Definition } from '../definition.ts'
import { EngineError } from '../errors.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { normal } from '../initializers/normal.ts'
import { findPlace, type RowSource, valueAt } from '../memory/row-source.ts'
import { requireOption } from '../require-option.ts'
import { type Shape, sizeOf } from '../shape.ts'
import type { BoundLayer, Layer, LayerContext, LayerPlan, LayerViews } from './layer.ts'

export interface EmbeddingOptions {
  /** V, how many tokens there are. */
  readonly vocabulary: number
  readonly channels: number
  /** Normal with a deviation of 1 when not given, as PyTorch's. */
  readonly weightInitializer?: Initializer
  /** The token that fills up short rows: no attention after this layer looks at its places. */
  readonly padding?: number
}

export function embedding(options: EmbeddingOptions): Layer {
  const { vocabulary: V, channels: C, weightInitializer = normal(), padding } = options
  requireOption('embedding', 'vocabulary', V, { min: 1, integer: true })
  requireOption('embedding', 'channels', C, { min: 1, integer: true })
  requireOption('embedding', 'padding', padding ?? 0, { min: 0, max: V - 1, integer: true })
  const definition: Definition = {
    type: 'embedding',
    vocabulary: V,
    channels: C,
    weightInitializer: weightInitializer.definition,
    padding: padding ?? null,
  }

  return {
    definition,

    /** (T) -> (T, C) */
    plan(input): LayerPlan {
      const fans = { fanIn: C, fanOut: V } // as PyTorch counts them
      const weight = { name: 'weight', shape: [V, C], fans, initializer: weightInitializer }
      return {
        output: [...input, C],
        parameters: [{ ...weight, decays: true }],
        saved: [],
        scratch: [],
        flops: { forward: sizeOf(input) * C, backward: sizeOf(input) * C },
        reads: { input: true, output: false },
        checkInputs: (inputs) => checkTokens(inputs, V),
        bind: (views, context) => bindEmbedding(views, context, input, C, padding),
      }
    },
  }
}

function bindEmbedding(
  { x, y, dx, dy, parameters, gradients }: LayerViews,
  context: LayerContext,
  input: Shape,
  C: number,
  padding: number | undefined,
): BoundLayer {
  const { kernels } = context
  const tokens = sizeOf(input)
  const [weight] = parameters
  const [dweight] = gradients
  if (padding !== undefined) context.padding = { tokens: x, token: padding }
  return {
    forward: (rows) => kernels.embeddingForward(y, x, weight, rows * tokens, C),
    backward(rows) {
      kernels.embeddingBackward(dweight, dy, x, rows * tokens, C)
      if (dx) kernels.clear(dx, rows * tokens) // there is nothing between two tokens
    },
  }
}

function checkTokens(inputs: RowSource, V: number): void {
  const wrong = findPlace(inputs, (id) => !(Number.isInteger(id) && id >= 0 && id < V))
  if (wrong === -1) return
  throw new EngineError(
    'invalid_data',
    `embedding: tokens must be whole numbers from 0 to ${V - 1}, got ${valueAt(inputs, wrong)} at ${wrong}.`,
  )
}
