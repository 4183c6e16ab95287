import { describe, expect, test } from 'vitest'

import type {
  EarlyStoppingOptions,
  MetricPoint,
  TrainingOptions,
} from '../../../src/engine/index.ts'
import { sectorsTrainer } from './problems.ts'

/** A rate so high, on so few rows, that validation gets worse again. */
const overfitting: Partial<TrainingOptions> = {
  trainingRows: 12,
  validationRows: 40,
  epochs: 200,
  learningRate: 1,
  reportEvery: 1,
}

function run(earlyStopping: EarlyStoppingOptions | undefined) {
  const trainer = sectorsTrainer({ ...overfitting, earlyStopping })
  return { trainer, report: trainer.run(1_000_000) }
}

function valuesOf(points: readonly MetricPoint[], name: string): number[] {
  return points.filter((point) => point.name === name).map(({ value }) => value)
}

describe('early stopping', () => {
  test('ends after `patience` epochs without a better one, and says so', () => {
    const { report } = run({ patience: 5 })
    const losses = valuesOf(report.points, 'validation_loss')
    const best = losses.indexOf(Math.min(...losses))

    expect(report).toMatchObject({ finished: true, stoppedEarly: true, epoch: best + 1 + 5 })
    expect(report.best).toEqual({ value: losses[best], epoch: best + 1, step: 2 * (best + 1) })
    expect(report.epoch).toBeLessThan(200)
  })

  test('what is not better by more than minDelta is not better', () => {
    const { report } = run({ patience: 1, minDelta: 100 })
    expect(report).toMatchObject({ stoppedEarly: true, epoch: 2, best: { epoch: 1 } })
  })

  test('accuracies are better when they are higher', () => {
    const { report } = run({ monitor: 'validation_accuracy', patience: 8 })
    const accuracies = valuesOf(report.points, 'validation_accuracy')

    expect(report.best?.value).toBe(Math.max(...accuracies))
  })

  test('an accuracy is better only when it is higher by more than minDelta', () => {
    const { report } = run({ monitor: 'validation_accuracy', patience: 1, minDelta: 1 })
    expect(report).toMatchObject({ stoppedEarly: true, epoch: 2, best: { epoch: 1 } })
  })

  test('without validation the training loss of the epoch is watched', () => {
    const trainer = sectorsTrainer({ epochs: 3, earlyStopping: { patience: 5 } })
    const { best, points } = trainer.run(1_000_000)
    const lastEpoch = valuesOf(points, 'loss').slice(-7)
    const rows = [8, 8, 8, 8, 8, 8, 2]
    const mean = lastEpoch.reduce((sum, loss, i) => sum + loss * rows[i], 0) / 50

    expect(best?.value).toBeCloseTo(mean, 6)
  })

  test('restoreBest ends with the weights of the best epoch, else with the last', () => {
    const last = run({ patience: 5 })
    const restored = run({ patience: 5, restoreBest: true })
    const epochs = restored.report.best?.epoch ?? 0
    const atBest = sectorsTrainer({ ...overfitting, epochs })
    atBest.run(1_000_000)

    expect(restored.trainer.weights()).toEqual(atBest.weights())
    expect(restored.trainer.weights()).not.toEqual(last.trainer.weights())
  })

  test('stop brings the best weights back too', () => {
    const trainer = sectorsTrainer({
      ...overfitting,
      earlyStopping: { patience: 100, restoreBest: true },
    })
    let report = trainer.run(1)
    while (report.epoch < 60) report = trainer.run(1)
    const epochs = report.best?.epoch ?? 0
    trainer.stop()
    const atBest = sectorsTrainer({ ...overfitting, epochs })
    atBest.run(1_000_000)

    expect(epochs).toBeLessThan(60)
    expect(trainer.weights()).toEqual(atBest.weights())
  })

  test('the last points are reported, however long the interval', () => {
    const { points, step } = sectorsTrainer({
      ...overfitting,
      reportEvery: 300,
      earlyStopping: { patience: 5 },
    }).run(1_000_000)

    expect(points.map((point) => [point.name, point.step])).toEqual([
      ['accuracy', step],
      ['validation_loss', step],
      ['validation_accuracy', step],
      ['loss', step],
    ])
  })
})
