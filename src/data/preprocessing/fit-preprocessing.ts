/**
 * @file Fits on the training part how rows become numbers: scales, means, and which categories
 * occurred. The shape comes from the task, so the fitted thing is as wide as was planned.
 */
import type {
  FeatureEncoding,
  TablePreprocessing,
  TargetEncoding,
} from '../../contract/preprocessing.ts'
import { featuresOf, type Scaling, type Spec } from '../../contract/spec/spec.ts'
import { categoryCodes } from '../class-codes.ts'
import type { Feature } from '../resolution/features.ts'
import type { TabularTask } from '../resolve-table.ts'
import { columnOf, numbersOf, type Table } from '../table.ts'
import { fitScaling } from './scaling.ts'

/** All columns of the task must be in the table; `trainingRows` are indexes from 0. */
export function fitPreprocessing(
  table: Table,
  trainingRows: Uint32Array,
  task: TabularTask,
  spec: Pick<Spec, 'features'>,
): TablePreprocessing {
  const { scaling, target_scaling, image } = featuresOf(spec)
  return {
    version: 1,
    inputs: task.inputs,
    ...(image ? { shape: [...task.inputShape] } : {}),
    features: task.features.map((feature) => fitFeature(feature, table, trainingRows, scaling)),
    target: fitTarget(task, table, trainingRows, target_scaling),
  }
}

function fitFeature(
  feature: Feature,
  table: Table,
  rows: Uint32Array,
  scaling: Scaling,
): FeatureEncoding {
  const { column, type, missingIndicator: missing_indicator } = feature
  switch (type) {
    case 'numeric': {
      const { offset, scale, mean } = fitScaling(numbersOf(table, column), rows, scaling)
      return { column, type, offset, scale, impute: mean, missing_indicator }
    }
    case 'boolean':
      return { column, type, missing_indicator }
    case 'categorical': {
      const categories = [...feature.categories]
      const codes = categoryCodes(columnOf(table, column), categories)
      const seen = new Array<boolean>(categories.length).fill(false)
      for (const row of rows) if (codes[row] >= 0) seen[codes[row]] = true
      return { column, type, categories, seen, missing_indicator }
    }
    default:
      return type satisfies never
  }
}

function fitTarget(
  { classes, outputs, targetColumns }: TabularTask,
  table: Table,
  rows: Uint32Array,
  scaling: Scaling,
): TargetEncoding {
  if (classes !== null) {
    return { task: 'classification', column: targetColumns[0], classes: [...classes], outputs }
  }
  const columns = targetColumns.map((column) => {
    const { offset, scale } = fitScaling(numbersOf(table, column), rows, scaling)
    return { column, offset, scale }
  })
  return { task: 'regression', columns }
}
