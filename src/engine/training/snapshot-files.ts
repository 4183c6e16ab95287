/**
 * @file A snapshot as two safetensors files: the weights that a stop here would leave, for any reader;
 * and the rest, which only a trainer of the same plan has a use for.
 *
 *   weights   0.weight, …                    the best so far where early stopping restores them
 *   rest      optimizer.m.0.weight, …        and whichever of `parameters` and `best` the other file is not
 *
 * Each value is copied once, from the job's memory into its file: training waits for no more.
 */
import { EngineError } from '../errors.ts'
import { decodeSafetensors } from '../formats/safetensors/decode-safetensors.ts'
import { encodeSafetensors } from '../formats/safetensors/encode-safetensors.ts'
import type { NamedTensors } from '../tensor.ts'
import type { BoundJob } from './bind-job.ts'
import type { Snapshot, SnapshotState } from './snapshot.ts'
import { stateOfSnapshot, viewSnapshot } from './snapshot.ts'
import type { TrainerState } from './state.ts'

export interface SnapshotFiles<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  readonly weights: Uint8Array<Buffer>
  readonly rest: Uint8Array<Buffer>
}

type Kept = 'parameters' | 'best'

/** `metadata` goes into the header of the weights. */
export function encodeSnapshot(
  job: BoundJob,
  state: TrainerState,
  metadata: Readonly<Record<string, string>>,
): SnapshotFiles<ArrayBuffer> {
  const kept: Kept =
    job.plan.details.earlyStopping?.restoreBest && state.best ? 'best' : 'parameters'
  const entries = Object.entries(viewSnapshot(job))
  const weights = entries.filter(([name]) => isOf(kept, name))
  const rest = entries.filter(([name]) => !isOf(kept, name))
  return {
    weights: encodeSafetensors(
      Object.fromEntries(weights.map(([name, tensor]) => [name.slice(kept.length + 1), tensor])),
      metadata,
    ),
    rest: encodeSafetensors(Object.fromEntries(rest), {
      weights: kept,
      state: JSON.stringify(stateOfSnapshot(job, state)),
    }),
  }
}

/** Errors: `invalid_safetensors`, `snapshot_mismatch`. What is in the files is checked by `restore`. */
export function decodeSnapshot({ weights, rest }: SnapshotFiles): Snapshot {
  const { tensors, metadata } = decodeSafetensors(rest)
  const { weights: kept, state } = metadata
  if ((kept !== 'parameters' && kept !== 'best') || state === undefined) {
    throw new EngineError(
      'snapshot_mismatch',
      'snapshot: expected a state in its header, got none.',
    )
  }
  const named = Object.entries(decodeSafetensors(weights).tensors)
  const prefixed: NamedTensors = Object.fromEntries(
    named.map(([name, tensor]) => [`${kept}.${name}`, tensor]),
  )
  const snapshotState: SnapshotState = JSON.parse(state)
  return { tensors: { ...tensors, ...prefixed }, state: snapshotState }
}

function isOf(kept: Kept, name: string): boolean {
  return name.startsWith(`${kept}.`)
}
