/** @file Pieces of SQL that several statements share. Constants only: values are always parameters. */
import { maxTransitions } from '../contract/jobs.ts'

/** The time of the database, as contract/common.ts has it. */
export const utcNow = `to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** The new value of jobs.transitions when the job enters `status`, an SQL expression. */
export function withTransition(status: string): string {
  return `jsonb_path_query_array(transitions, '$[last-${maxTransitions - 2} to last]')
    || jsonb_build_array(jsonb_build_object('status', ${status}, 'at', ${utcNow}))`
}

/** The data of a status event, for a relation `job` with status, status_reason and attempt. */
export const statusEventData = `jsonb_build_object(
    'status', job.status, 'reason', job.status_reason, 'attempt', job.attempt)`

/** The data of an end event, for a relation `job` with status, status_reason and metrics. */
export const endEventData = `jsonb_build_object(
    'status', job.status, 'reason', job.status_reason, 'metrics', job.metrics)`

export const terminalList = `('succeeded', 'failed', 'cancelled')`

/** The status_reason of a job that rests. */
export const pausedReason = `'{"code":"paused_by_client","message":"A client paused the job."}'::jsonb`
