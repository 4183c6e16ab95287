import { expect, test } from 'vitest'

import { RegressionReport } from '../../../src/contract/jobs.ts'
import { regressionReport } from '../../../src/data/evaluation/regression-report.ts'

test('by hand: MAE, RMSE and R²', () => {
  // The example of scikit-learn's r2_score: errors -0.5, 0.5, 0, 1; R² 0.948...
  const report = regressionReport({
    predictions: [2.5, 0, 2, 8],
    targets: [3, -0.5, 2, 7],
    loss: 0.375,
  })

  expect(RegressionReport.parse(report)).toEqual({
    task: 'regression',
    rows: 4,
    loss: 0.375,
    mean_absolute_error: 0.5,
    root_mean_squared_error: Math.sqrt(0.375),
    r2: expect.closeTo(0.948608137, 9),
  })
})

test('of several columns R² is the mean, and constant ones do not count', () => {
  const report = regressionReport({
    //            p  q   p  q   p  q
    targets: [1, 5, 2, 5, 3, 5],
    predictions: [1, 5, 2, 6, 3, 5],
    columns: 2,
    loss: 0,
  })

  expect(report).toMatchObject({ rows: 3, r2: 1, mean_absolute_error: 1 / 6 })
})

test('there is no R² of a constant target, whatever rounding does to its mean', () => {
  for (const value of [0, 0.1, 1e-300, 123456.789]) {
    const targets = new Float64Array(7).fill(value)

    expect(regressionReport({ predictions: new Float64Array(7), targets, loss: 1 }).r2).toBeNull()
  }
})

test('there is no R² either where the squares of all distances are too small for a double', () => {
  expect(regressionReport({ predictions: [0, 0], targets: [0, 1e-200], loss: 0 }).r2).toBeNull()
})
