/** @file Loss series as clients see them: numbers that JSON has, and the kind of those it has not. */
import { type LossSeries, toLossPoint } from '../../contract/losses.ts'
import type { LossSeriesRows } from '../../store/losses.ts'

export function presentLossSeries(
  rows: readonly LossSeriesRows[],
  collectedAt: Date | null,
): LossSeries {
  return {
    object: 'losses',
    collected_at: collectedAt?.toISOString() ?? null,
    series: rows.map(({ name, totalPoints, points }) => ({
      name,
      total_points: totalPoints,
      points: points.map((point) => {
        const { name: _, ...withoutName } = toLossPoint(point)
        return withoutName
      }),
    })),
  }
}
