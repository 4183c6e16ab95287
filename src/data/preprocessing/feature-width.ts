/** @file How many numbers a feature is: the value or one per category, and one more if it may be missing. */
import type { FeatureEncoding } from '../../contract/preprocessing.ts'

export function featureWidth(feature: FeatureEncoding): number {
  return indicatorOffset(feature) + (feature.missing_indicator ? 1 : 0)
}

/** Where the indicator of a missing value stands, behind the value itself. */
export function indicatorOffset(feature: FeatureEncoding): number {
  return feature.type === 'categorical' ? feature.categories.length : 1
}
