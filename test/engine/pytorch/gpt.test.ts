import { describe, expect, test } from 'vitest'

import {
  adamw,
  categoricalCrossEntropy,
  createTrainer,
  gpt,
  planTraining,
} from '../../../src/engine/index.ts'
import { bindAlone } from '../bind-alone.ts'
import { tablesAndPrecisions } from '../kernel-tables.ts'
import { expectClose, floatsOf, golden, startingFrom, withoutZeros } from './golden.ts'

const cases = [...golden('gpt'), ...golden('gpt-bias')]

describe.each(tablesAndPrecisions)('$name, $dtype', ({ table, dtype, bar, barAfterSteps }) => {
  test.each(cases)('a small GPT, $options, trains as in PyTorch', (expected) => {
    const { options, rows, steps } = expected
    const plan = planTraining({
      network: gpt(options),
      inputShape: [options.context],
      trainingRows: rows,
      loss: categoricalCrossEntropy(),
      optimizer: adamw(expected.optimizer),
      learningRate: expected.learningRate,
      batchSize: rows,
      steps,
      seed: 0,
      reportEvery: 1,
      dtype,
    })
    const trainer = createTrainer(plan, {
      training: {
        inputs: { values: floatsOf(dtype, expected.tokens) },
        targets: { values: floatsOf(dtype, expected.targets) },
      },
      opened: table.backend.open(plan.memoryBytes),
    })
    trainer.restore(startingFrom(trainer, expected.parameters))
    const { points } = trainer.run(steps)
    const losses = points.filter(({ name }) => name === 'loss').map(({ value }) => value)
    const weights = trainer.weights()

    expectClose(losses.slice(0, 1), [expected.loss], bar)
    expectClose(losses, expected.losses, barAfterSteps)
    expect(Object.keys(weights).sort()).toEqual(Object.keys(expected.after).sort())
    for (const [name, after] of Object.entries(expected.after)) {
      const zeros = expected.zeroGradients[name]
      expectClose(
        withoutZeros(weights[name].data, zeros),
        withoutZeros(after, zeros),
        barAfterSteps,
      )
    }
  })

  test.each(cases)('its first logits and gradients are as in PyTorch: $options', (expected) => {
    const { options, rows } = expected
    const network = gpt(options)
    const body = network.until(network.layers.length - 1) // the loss computes the softmax
    const bound = bindAlone(body, { table, inputShape: [options.context], rows, dtype })
    const names = bound.plan.parameters.map(({ name }) => name)
    bound.x.set(expected.tokens)
    for (const [i, name] of names.entries()) bound.parameters[i].set(expected.parameters[name])
    bound.forward()
    expectClose(bound.y, expected.logits, bar)

    const N = rows * options.context
    const V = options.vocabulary
    for (let n = 0; n < N; n++) {
      const logits = expected.logits.slice(n * V, (n + 1) * V)
      const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0)
      for (const [v, logit] of logits.entries()) {
        bound.dy[n * V + v] = (Math.exp(logit) / sum - (expected.targets[n] === v ? 1 : 0)) / N
      }
    }
    bound.backward()
    for (const [i, name] of names.entries()) {
      const zeros = expected.zeroGradients[name]
      const gradient = withoutZeros(bound.gradients[i], zeros)
      expectClose(gradient, withoutZeros(expected.gradients[name], zeros), bar)
    }
  })
})
