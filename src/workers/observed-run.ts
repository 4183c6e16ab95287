/**
 * @file A run as it is seen from outside: its lines in the log, which all carry the ids of the job, of the
 * run, of the project and of the request that asked for it; and its part of that request's trace.
 */
import type { JobStatus } from '../contract/jobs.ts'
import { noSpan, type Span, type Tracer } from '../contract/tracing.ts'
import type { ClaimedJob } from '../store/runs/claim-next.ts'
import { type RunEnd, runStatusOf } from '../store/runs/finish-runs.ts'
import type { Log } from './worker-parts.ts'

export interface RunView {
  readonly log: Log
  readonly span: Span
}

const quiet = () => {}
const noLog: Log = { info: quiet, warn: quiet, error: quiet, child: () => noLog }

/** Of a run that nobody watches. */
export const unseen: RunView = { log: noLog, span: noSpan }

export interface Observers {
  readonly log: Log
  readonly tracer: Tracer
}

/** The run was claimed just now; the claim was asked for at `askedAtMs` of the clock on the wall. */
export function observeRun(
  { log: workerLog, tracer }: Observers,
  job: ClaimedJob,
  askedAtMs: number,
): RunView {
  const { jobId, runId, projectId, requestId, attempt } = job
  const log = workerLog.child({ jobId, runId, projectId, ...(requestId && { requestId }) })
  const span = tracer.start('run job', {
    kind: 'consumer',
    parent: job.traceparent,
    startedAtMs: askedAtMs,
    attributes: {
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'trainyard-jobs',
      'trainyard.job.id': jobId,
      'trainyard.run.id': runId,
      'trainyard.project.id': projectId,
      'trainyard.run.attempt': attempt,
    },
  })
  span.child('claim', { startedAtMs: askedAtMs }).end()
  log.info({ attempt }, 'run started')
  return { log, span }
}

export interface RecordedEnd {
  readonly end: RunEnd
  /** What the job became: not always what the end asks for. */
  readonly status: JobStatus
}

/** How it ended, as it is recorded; null where nothing is, since it was not its job any more. */
export function observeEnd({ log, span }: RunView, recorded: RecordedEnd | null): void {
  const status = recorded ? runStatusOf(recorded.status, recorded.end) : 'lost'
  const reason = status === 'cancelled' ? undefined : recorded?.end.reason?.code
  log.info({ status, ...(reason && { reason }) }, 'run ended')
  span.set({ 'trainyard.run.status': status })
  if (!recorded) span.fail('lost')
  else if (status === 'failed' || status === 'crashed') span.fail(reason ?? status)
  span.end()
}
