/**
 * @file GPT, the decoder: tokens in, the probabilities of each next token out. Pre-norm blocks, learned
 * positions, a last norm, and a head that shares the embedding's matrix; it starts as GPT-2 does.
 *
 * Reference: https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
 */
import { normal } from '../initializers/normal.ts'
import { zeros } from '../initializers/zeros.ts'
import { dense } from '../layers/dense.ts'
import { dropout as dropoutLayer } from '../layers/dropout.ts'
import { embedding } from '../layers/embedding.ts'
import type { Layer } from '../layers/layer.ts'
import { layerNorm } from '../layers/layer-norm.ts'
import { learnedPositions } from '../layers/learned-positions.ts'
import { type Sequential, sequential } from '../layers/sequential.ts'
import { softmax } from '../layers/softmax.ts'
import { transformerBlock } from '../layers/transformer-block.ts'
import { requireOption } from '../require-option.ts'

/** Those of GPT-2's smallest model when not given. */
export interface GptOptions {
  readonly layers?: number
  readonly heads?: number
  readonly channels?: number
  /** The longest sequence. */
  readonly context?: number
  readonly vocabulary?: number
  /** After the embedding, of the looks, and of what each half of a block adds; 0 when not given. */
  readonly dropout?: number
  /** Of all dense layers and norms; true when not given. The head never has one. */
  readonly bias?: boolean
  /** Whether the head's matrix is the embedding's; true when not given. */
  readonly tieEmbeddings?: boolean
}

/** Of GPT-2 and nanoGPT; smaller by sqrt(2 * layers) for what is added 2 * layers times. */
const deviation = 0.02

export function gpt(options: GptOptions = {}): Sequential {
  const { layers = 12, heads = 12, channels = 768, context = 1024, vocabulary = 50257 } = options
  const { dropout = 0, bias = true, tieEmbeddings = true } = options
  requireOption('gpt', 'layers', layers, { min: 1, integer: true })
  const weightInitializer = normal({ deviation })
  const block = transformerBlock({
    heads,
    dropout,
    causal: true,
    bias,
    weightInitializer,
    biasInitializer: zeros(),
    outInitializer: normal({ deviation: deviation / Math.sqrt(2 * layers) }),
  })
  const parts: [string, Layer][] = [
    ['embedding', embedding({ vocabulary, channels, weightInitializer })],
    ['positions', learnedPositions({ context, weightInitializer })],
    ...(dropout > 0
      ? [['dropout', dropoutLayer({ rate: dropout })] satisfies [string, Layer]]
      : []),
    ...Array.from({ length: layers }, (_, i): [string, Layer] => [`blocks.${i}`, block]),
    ['norm', layerNorm({ bias })],
    [
      'head',
      dense({
        units: vocabulary,
        bias: false,
        weightInitializer,
        sharedWeight: tieEmbeddings ? 'embedding.weight' : undefined,
      }),
    ],
    ['softmax', softmax()],
  ]
  return sequential(
    parts.map(([, layer]) => layer),
    parts.map(([name]) => name),
  )
}
