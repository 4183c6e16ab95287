/**
 * @file What crosses a thread boundary, and so survives structured cloning.
 *
 * An Error does not: its class, name and code are lost on the way. So a refusal travels as data,
 * and an outcome is one of a few named shapes.
 */
import type { MessagePort } from 'node:worker_threads'

import type { DatasetFormat, DatasetProfile } from './datasets.ts'
import type { ErrorCode, ErrorItem } from './errors.ts'
import type { Evaluation, Metrics, StatusReason } from './jobs.ts'
import type { RawPoint } from './losses.ts'
import type { PredictRow } from './predictions.ts'
import type { Preprocessing } from './preprocessing.ts'
import type { Spec } from './spec/spec.ts'

/** Words of a task's control block: an Int32Array over shared memory. */
export const controlWords = {
  /** The owner of the run stores one of `controlSignals` here; the thread reads it at every slice. */
  signal: 0,
  /** The thread adds 1 per layer call, validation batch and parsed block: the sign that it lives. */
  heartbeat: 1,
  /** Set when one of several threads of a job has died: the others must not wait for it. */
  broken: 2,
  /** The owner of the run stores one of `checkpointAsks` here; the thread answers by taking one. */
  checkpoint: 3,
} as const

export const controlSignals = {
  none: 0,
  /** Finish now, keep the weights. */
  stop: 1,
  /** Finish now, weights are of no use. */
  cancel: 2,
  /** The worker must go: give the job back. */
  release: 3,
  /** A client wants it to rest: it goes on later, perhaps elsewhere. */
  pause: 4,
} as const

export const controlBytes = 16

export const checkpointAsks = {
  none: 0,
  /** At the next look. */
  now: 1,
  /** At the next step that is a multiple of `training.checkpoint_every`. */
  atMultiple: 2,
} as const

/** A refusal that a thread found, as data. */
export interface TaskProblem {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors?: readonly ErrorItem[]
}

/** A dataset's file in shared memory, so that handing it to a thread copies nothing. */
export interface DatasetFile {
  readonly format: DatasetFormat
  readonly profile: DatasetProfile
  readonly bytes: SharedArrayBuffer
}

export interface TrainTask {
  readonly spec: Spec
  readonly training: DatasetFile
  /** Only when the spec names a validation dataset. */
  readonly validation: DatasetFile | null
  readonly control: SharedArrayBuffer
  /** What the job was planned to take up. */
  readonly bytes: number
  /** Where to go on; from step 0 when not given. Moves to the thread, which forgets it once it is read. */
  resume?: CheckpointFiles | undefined
  /** A weights file to begin with at step 0; the seed draws them when not given. Moves and goes likewise. */
  initialWeights?: ArrayBuffer | undefined
  /** TrainProgress goes out here while the thread trains, packed. */
  readonly progress: MessagePort
  /** Ends of the ports of the threads that follow this one, in their order; usually none. */
  readonly followers?: readonly MessagePort[]
}

export interface TrainProgress {
  readonly step: number
  readonly epoch: number
  /** New points since the last message, in order. */
  readonly points: readonly RawPoint[]
  /** Of this step: all points up to it are here, or were in a message before. Its files move. */
  readonly checkpoint?: TakenCheckpoint
}

/** Safetensors files: the weights that a stop here would leave, and what else a trainer needs. */
export interface CheckpointFiles {
  readonly weights: ArrayBuffer
  readonly rest: ArrayBuffer
}

export interface TakenCheckpoint {
  readonly step: number
  readonly epoch: number
  /** As in CheckpointFiles. */
  readonly weights: Uint8Array<ArrayBuffer>
  readonly rest: Uint8Array<ArrayBuffer>
  readonly preprocessing: Preprocessing
  readonly planHash: string
  readonly numericsVersion: number
  /** How long training waited for it. */
  readonly milliseconds: number
}

interface TrainEnd {
  readonly step: number
  readonly epoch: number
}

export type TrainResult =
  | (TrainEnd & {
      readonly outcome: 'succeeded'
      readonly reason: StatusReason | null
      /** A safetensors file. */
      readonly weights: Uint8Array<ArrayBuffer>
      readonly preprocessing: Preprocessing
      readonly metrics: Metrics
      readonly evaluation: Evaluation
    })
  | (TrainEnd & { readonly outcome: 'cancelled' | 'released' | 'paused' })
  | (TrainEnd & { readonly outcome: 'failed'; readonly reason: StatusReason })
  /** It cannot go on from `resume`, which is of another plan or other numerics; nothing was computed. */
  | (TrainEnd & { readonly outcome: 'mismatched'; readonly message: string })

/** Computes with the thread that trains: its share of every step. */
export interface FollowTask {
  readonly spec: Spec
  /** Of the training and the validation dataset: enough to plan the same job. */
  readonly profiles: readonly [DatasetProfile, DatasetProfile | null]
  readonly control: SharedArrayBuffer
  readonly bytes: number
  /** This thread's place; the one that leads has place 0. */
  readonly index: number
  readonly count: number
  /** Brings one FollowStart; closes without it when there is nothing to compute. */
  readonly leader: MessagePort
}

/** From the thread that leads, before the first step. What it holds is the engine's. */
export interface FollowStart<Memory, State> {
  /** A WebAssembly memory, in which the whole job lies. */
  readonly memory: Memory
  /** What the threads meet by. */
  readonly words: SharedArrayBuffer
  readonly state: State
}

/** Reads an upload while it arrives. The file comes through `source` as ParseInput. */
export interface ParseTask {
  readonly format: DatasetFormat
  readonly maxColumns: number
  readonly source: MessagePort
}

/** To the parse thread: pieces of the file, then null for its end. Each piece is answered by ParseAck. */
export type ParseInput = Uint8Array | null
export type ParseAck = 'more' | 'refused'

export type ParseResult =
  | {
      readonly outcome: 'parsed'
      readonly profile: DatasetProfile
      /** The first rows, by position, for a look at the data. */
      readonly preview: readonly (readonly (string | number | boolean | null)[])[]
    }
  | { readonly outcome: 'refused'; readonly problem: TaskProblem }

/** Everything that a prediction needs of a trained job. */
export interface TrainedModel {
  /** Names the model in a thread's cache. Weights never change, so the id is enough. */
  readonly jobId: string
  readonly spec: Spec
  readonly preprocessing: Preprocessing
  /** A safetensors file in shared memory. */
  readonly weights: SharedArrayBuffer
}

export interface PredictTask {
  readonly model: TrainedModel
  readonly rows: readonly PredictRow[]
}

export type PredictResult =
  | {
      readonly outcome: 'predicted'
      /** A PredictResponse as JSON: to write 8 MB of it would hold an event loop for 0.3 s. */
      readonly json: Uint8Array<ArrayBuffer>
    }
  | { readonly outcome: 'refused'; readonly problem: TaskProblem }
