/** @file What a fault test knows, and what the judge finds. */
import type pg from 'pg'

import type { EventType } from '../../../src/contract/events.ts'
import type { JobStatus } from '../../../src/contract/jobs.ts'

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10'

export interface Violation {
  readonly invariant: Invariant
  /** null where it is of no single job. */
  readonly jobId: string | null
  readonly what: string
}

export type Database = Pick<pg.Client | pg.Pool, 'query'>

/** A job that a client got a 2xx for. */
export interface AcceptedJob {
  readonly id: string
  /** How it may end. */
  readonly ends: readonly TerminalStatus[]
}

export type TerminalStatus = Extract<JobStatus, 'succeeded' | 'failed' | 'cancelled'>

/** A request with an idempotency key whose jobs bear this name, whether an answer came or not. */
export interface NamedRequest {
  readonly name: string
  readonly isAnswered: boolean
}

/** What a client was told of a job, at some time. */
export interface SeenJob {
  readonly id: string
  readonly status: JobStatus
  readonly weightsSha256: string | null
}

export interface SeenMessage {
  readonly seq: number
  readonly type: EventType
  /** Of a loss: `name step` each. */
  readonly points?: readonly string[]
}

/** All that one reader got of a job, from its first event on, over all its connections. */
export interface SeenStream {
  readonly jobId: string
  readonly messages: readonly SeenMessage[]
}

/** An answer to a project that asked for another's. */
export interface ForeignAnswer {
  readonly path: string
  readonly status: number
}

/** What /v1/limits said, when nothing was going on. */
export interface SeenUsage {
  readonly projectId: string
  readonly jobsUnfinished: number
  readonly datasetsBytes: number
}

export interface Evidence {
  readonly database: Database
  readonly accepted: readonly AcceptedJob[]
  /** Ids of jobs that ran in this database before any fault: their bits are the right ones. */
  readonly undisturbed: readonly string[]
  readonly named?: readonly NamedRequest[]
  readonly seen?: readonly SeenJob[]
  readonly streams?: readonly SeenStream[]
  readonly foreign?: readonly ForeignAnswer[]
  readonly usage?: readonly SeenUsage[]
}
