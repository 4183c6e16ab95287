/** @file What was removed, or would be: summed by project and kind, under names that programs can rely on. */
import type { Collected, CollectedKind } from '../../store/retention/collected.ts'
import type { Collector } from '../../store/retention/open-collector.ts'
import type { RetentionPolicy } from '../../store/retention/policy.ts'

export interface Amount {
  readonly rows: number
  readonly bytes: number
}

export type Amounts = Readonly<Record<CollectedKind, Amount>>

export interface Report {
  readonly dry_run: boolean
  /** Ended before all was removed: what is said was removed all the same. */
  readonly interrupted: boolean
  /** Days; null: for ever. */
  readonly policy: { readonly checkpoint_days: number | null; readonly history_days: number | null }
  /** null for what belongs to the instance. */
  readonly projects: readonly (Amounts & { readonly project: string | null })[]
  readonly total: Amounts
}

export interface ReportOptions {
  readonly policy: RetentionPolicy
  readonly isDryRun: boolean
  readonly signal: AbortSignal
}

export async function collectReport(
  collector: Collector,
  { policy, isDryRun, signal }: ReportOptions,
): Promise<Report> {
  const collected = isDryRun ? await collector.survey() : await collectAll(collector, signal)
  const projects = [...new Set(collected.map(({ projectId }) => projectId))].sort()
  return {
    dry_run: isDryRun,
    interrupted: signal.aborted,
    policy: { checkpoint_days: policy.checkpointDays, history_days: policy.historyDays },
    projects: projects.map((project) => ({
      project,
      ...sum(collected.filter(({ projectId }) => projectId === project)),
    })),
    total: sum(collected),
  }
}

async function collectAll(collector: Collector, signal: AbortSignal): Promise<Collected[]> {
  const all: Collected[] = []
  while (!signal.aborted) {
    const batch = await collector.collect()
    if (batch.length === 0) break
    all.push(...batch)
  }
  return all
}

function sum(collected: readonly Collected[]): Amounts {
  const amounts: Record<CollectedKind, Amount> = {
    checkpoints: { rows: 0, bytes: 0 },
    losses: { rows: 0, bytes: 0 },
    events: { rows: 0, bytes: 0 },
    idempotency_keys: { rows: 0, bytes: 0 },
  }
  for (const { kind, rows, bytes } of collected) {
    amounts[kind] = { rows: amounts[kind].rows + rows, bytes: amounts[kind].bytes + bytes }
  }
  return amounts
}
