/** @file Every workload that we can do, by its letter. The peers have theirs in peers/. */
import { mediumGpt, smallGpt } from './gpt.ts'
import { mnistCnn } from './mnist-cnn.ts'
import { mnistMlp } from './mnist-mlp.ts'
import { regression } from './regression.ts'
import { sgemm } from './sgemm.ts'
import type { Workload } from './workload.ts'
import { xor } from './xor.ts'

export const workloads: Readonly<Record<string, Workload>> = {
  a: xor,
  b: regression,
  c: mnistMlp,
  d: mnistCnn,
  e: smallGpt,
  f: mediumGpt,
  g: sgemm,
}
