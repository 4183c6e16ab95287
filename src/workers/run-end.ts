/** @file What a thread's result means for the job and for the run. */
import type { TrainResult } from '../contract/tasks.ts'
import type { RunEnd } from '../store/runs/finish-runs.ts'

/** A result with which the run has ended; one that is mismatched starts over instead. */
export type EndedResult = Exclude<TrainResult, { outcome: 'mismatched' }>

export function runEndOf(result: EndedResult): RunEnd {
  switch (result.outcome) {
    case 'succeeded':
      return {
        jobStatus: 'succeeded',
        runStatus: 'succeeded',
        reason: result.reason,
        metrics: result.metrics,
        evaluation: result.evaluation,
        weights: { content: result.weights, preprocessing: result.preprocessing },
        ...(result.reason?.code === 'stopped_early' && { lastStep: result.step }),
      }
    case 'failed':
      return { jobStatus: 'failed', runStatus: 'failed', reason: result.reason }
    case 'cancelled':
      return {
        jobStatus: 'cancelled',
        runStatus: 'cancelled',
        reason: { code: 'cancelled_by_client', message: 'A client cancelled the job.' },
      }
    case 'released':
      return releasedRunEnd
    case 'paused':
      return {
        jobStatus: 'paused',
        runStatus: 'paused',
        reason: { code: 'paused_by_client', message: 'A client paused the job.' },
      }
    default:
      return result satisfies never
  }
}

/** Somebody else goes on with it. */
export const releasedRunEnd: RunEnd = {
  jobStatus: 'queued',
  runStatus: 'released',
  reason: { code: 'worker_shut_down', message: 'Its worker shut down and gave it back.' },
}

/** Two claims of one moment saw the same free memory: the later one makes way. */
export const crowdedRunEnd: RunEnd = {
  jobStatus: 'queued',
  runStatus: 'released',
  reason: { code: 'worker_full', message: 'Its worker had no memory left and gave it back.' },
}

/** Nothing is wrong with the job: whoever claims it next finds Postgres back. */
export const databaseAwayRunEnd: RunEnd = {
  jobStatus: 'queued',
  runStatus: 'released',
  reason: {
    code: 'database_unavailable',
    message: 'Its worker could not read from the database and gave it back.',
  },
}

/** What it has trained is in its last checkpoint. */
export function outOfTimeRunEnd(seconds: number): RunEnd {
  return {
    jobStatus: 'failed',
    runStatus: 'failed',
    reason: {
      code: 'time_limit_exceeded',
      message: `It has trained for ${seconds} s, as long as a job of this project may (job_seconds). Its checkpoints are kept: another job can begin with their weights, by init_from.`,
    },
  }
}

/** A thread that died takes nothing with it but its own run. */
export function crashedRunEnd(message: string): RunEnd {
  return {
    jobStatus: 'queued',
    runStatus: 'crashed',
    reason: { code: 'thread_crashed', message },
    crashed: true,
  }
}

/** Whoever would try again would find the same. */
export const withoutFirstWeights: RunEnd = {
  jobStatus: 'failed',
  runStatus: 'failed',
  reason: {
    code: 'invalid_data',
    message:
      'The weights that it starts from are gone or damaged. Start from another job or checkpoint.',
  },
}
