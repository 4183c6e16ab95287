/** @file What of a training task moves to its thread: a copy would stay here as long as the job trains. */
import type { MessagePort } from 'node:worker_threads'

import type { TrainTask } from '../contract/tasks.ts'

export type MovingPart = MessagePort | ArrayBuffer

export function movingPartsOf({ progress, resume, initialWeights }: TrainTask): MovingPart[] {
  return [
    progress,
    ...(resume ? [resume.weights, resume.rest] : []),
    ...(initialWeights ? [initialWeights] : []),
  ]
}
