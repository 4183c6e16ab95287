/**
 * @file The longest that a fitted part can be as text, known before anything is fitted: its names and
 * categories come from the task, and every fitted number has all the digits that a number can have.
 */
import type { FeatureEncoding, TargetEncoding } from '../../contract/preprocessing.ts'
import type { Scaling } from '../../contract/spec/spec.ts'
import type { Feature } from '../resolution/features.ts'
import type { TabularTask } from '../resolve-table.ts'

/** 25 characters: a sign, 17 digits, and the most zeros before them that JavaScript writes out. */
export const widestNumber = -0.0000012345678901234567

export function widestFeature(feature: Feature, scaling: Scaling): FeatureEncoding {
  const { column, type, missingIndicator: missing_indicator } = feature
  switch (type) {
    case 'numeric':
      return { column, type, ...widestScaling(scaling), impute: widestNumber, missing_indicator }
    case 'boolean':
      return { column, type, missing_indicator }
    case 'categorical': {
      const categories = [...feature.categories]
      return { column, type, categories, seen: categories.map(() => false), missing_indicator }
    }
    default:
      return type satisfies never
  }
}

export function widestTarget(
  { classes, outputs, targetColumns }: TabularTask,
  scaling: Scaling,
): TargetEncoding {
  if (classes !== null) {
    return { task: 'classification', column: targetColumns[0], classes: [...classes], outputs }
  }
  const columns = targetColumns.map((column) => ({ column, ...widestScaling(scaling) }))
  return { task: 'regression', columns }
}

function widestScaling(scaling: Scaling) {
  return scaling === 'none'
    ? { offset: 0, scale: 1 }
    : { offset: widestNumber, scale: widestNumber }
}
