import { describe, expect, test } from 'vitest'

import {
  createPredictor,
  decodeSafetensors,
  dense,
  dropout,
  EngineError,
  encodeSafetensors,
  mlp,
  sequential,
  sigmoid,
} from '../../../src/engine/index.ts'
import { sectors, sectorsOptions, sectorsTrainer } from '../training/problems.ts'

const trainer = sectorsTrainer({ epochs: 40 })
const accuracy = trainer.run(1_000_000).points.findLast((point) => point.name === 'accuracy')
const {
  inputs: { values: inputs },
  targets: { values: targets },
} = sectors(50)
const options = {
  network: sectorsOptions.network,
  inputShape: [2],
  weights: trainer.weights(),
  maxRows: 50,
}

describe('a predictor', () => {
  test('answers with probabilities, as good as training was', () => {
    const outputs = createPredictor(options).predict(inputs, 50)
    let correct = 0
    for (let row = 0; row < 50; row++) {
      const answer = Array.from(outputs.subarray(3 * row, 3 * row + 3))
      expect(answer.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6)
      if (answer.indexOf(Math.max(...answer)) === targets[row]) correct += 1
    }

    expect(outputs).toHaveLength(150)
    expect(correct / 50).toBeGreaterThanOrEqual((accuracy?.value ?? 1) - 0.05)
  })

  test('gives each row the same bits, however many are computed at once', () => {
    const whole = createPredictor(options).predict(inputs, 50)
    for (const maxRows of [1, 7, 1000]) {
      expect(createPredictor({ ...options, maxRows }).predict(inputs, 50)).toEqual(whole)
    }
  })

  test('takes weights from a safetensors file', () => {
    const { tensors } = decodeSafetensors(encodeSafetensors(options.weights))
    const fromFile = createPredictor({ ...options, weights: tensors })

    expect(fromFile.predict(inputs, 50)).toEqual(createPredictor(options).predict(inputs, 50))
  })

  test('drops nothing out, and needs nothing that training keeps', () => {
    const network = sequential([
      dropout({ rate: 0.9 }),
      dense({ units: 1, bias: false }),
      sigmoid(),
    ])
    const weights = { '1.weight': { shape: [1, 2], data: Float32Array.of(0, 0) } }
    const { outputShape, predict } = createPredictor({ ...options, network, weights })

    expect(outputShape).toEqual([1])
    expect(Array.from(predict(inputs, 50))).toEqual(Array.from({ length: 50 }, () => 0.5))
  })

  test('of no rows predicts nothing', () => {
    expect(createPredictor(options).predict(new Float32Array(0), 0)).toHaveLength(0)
  })
})

describe('refusals', () => {
  const weights = options.weights
  const bias = { shape: [3], data: new Float32Array(3) }
  const { '2.bias': _, ...withoutBias } = weights

  test.each([
    ['a tensor missing', withoutBias, 'expected 2.bias of shape (3), got none'],
    ['a tensor too many', { ...weights, '9.bias': bias }, 'the network has no 9.bias'],
    [
      'another shape',
      { ...weights, '2.bias': { ...bias, shape: [1, 3] } },
      'expected 2.bias of shape (3), got (1, 3)',
    ],
    [
      'a tensor shorter than its shape',
      { ...weights, '2.bias': { shape: [3], data: new Float32Array(2) } },
      '2.bias',
    ],
  ])('%s', (_name, given, message) => {
    expect(() => createPredictor({ ...options, weights: given })).toThrow(message)
    expect(() => createPredictor({ ...options, weights: given })).toThrow(EngineError)
  })

  test('another network', () => {
    const network = mlp({ hidden: [7], activation: 'tanh', outputs: 3 })
    expect(() => createPredictor({ ...options, network })).toThrow(
      'expected 0.weight of shape (7, 2)',
    )
  })

  test('rows of another size', () => {
    expect(() => createPredictor(options).predict(inputs, 49)).toThrow('expected 49 rows of (2)')
  })

  test('maxRows that is no count', () => {
    expect(() => createPredictor({ ...options, maxRows: 0 })).toThrow('maxRows')
  })
})
