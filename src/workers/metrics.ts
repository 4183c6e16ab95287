/**
 * @file What a worker measures: leases, writes that the fence refused, checkpoints, steps, repairs. The
 * labels have a handful of values each; no id is ever one.
 */
import { Counter, Histogram, type Registry } from 'prom-client'

export type WorkerMetrics = ReturnType<typeof createWorkerMetrics>

/** From a network of a few weights on an idle Postgres to a gigabyte on a busy one. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const bytesBuckets = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 4e9]

export function createWorkerMetrics(registry: Registry) {
  return { ...createCounters(registry), ...createHistograms(registry) }
}

function createCounters(registry: Registry) {
  const registers = [registry]
  /** There from the start at 0, so that the first one is seen as an increase. */
  function counterBy<Label extends string>(
    label: Label,
    values: readonly string[],
    name: string,
    help: string,
  ): Counter<Label> {
    const counter = new Counter({ name, help, labelNames: [label], registers })
    for (const value of values) counter.labels(value).inc(0)
    return counter
  }

  return {
    leaseRenewals: new Counter({
      name: 'trainyard_lease_renewals_total',
      help: 'Leases of jobs that were renewed.',
      registers,
    }),
    leasesLost: counterBy(
      'reason',
      ['taken', 'not_renewed'],
      'trainyard_leases_lost_total',
      'Leases that were lost: taken by another run, or not renewed in time.',
    ),
    fencedWrites: counterBy(
      'write',
      ['start', 'progress', 'checkpoint', 'end'],
      'trainyard_fenced_writes_total',
      'Writes of a run that were refused, since it was not its job any more.',
    ),
    repairs: counterBy(
      'repair',
      ['run', 'message'],
      'trainyard_reconciler_repairs_total',
      'What the reconciler made good: runs of lost workers, messages that the queue had lost.',
    ),
    runsEnded: counterBy(
      'status',
      ['succeeded', 'failed', 'cancelled', 'released', 'crashed', 'paused'],
      'trainyard_runs_ended_total',
      'Runs of this worker, by how they ended.',
    ),
    steps: new Counter({
      name: 'trainyard_training_steps_total',
      help: 'Steps that were trained; its rate is the speed.',
      registers,
    }),
  }
}

function createHistograms(registry: Registry) {
  const registers = [registry]
  return {
    checkpointSeconds: new Histogram({
      name: 'trainyard_checkpoint_seconds',
      help: 'Time that a checkpoint took: the copy that training waits for, and the write beside it.',
      buckets: secondsBuckets,
      registers,
    }),
    checkpointBytes: new Histogram({
      name: 'trainyard_checkpoint_bytes',
      help: 'Size of a checkpoint, both of its files.',
      buckets: bytesBuckets,
      registers,
    }),
  }
}
