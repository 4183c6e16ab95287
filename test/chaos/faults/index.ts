/** @file Every fault, in the order in which they strike. */
import { apiKilled } from './api-killed.ts'
import { cancelRaces } from './cancel-races.ts'
import { clockJumps } from './clock-jumps.ts'
import { commitCut } from './commit-cut.ts'
import { postCrashPoints, runCrashPoints } from './crash-points.ts'
import { diskFull } from './disk-full.ts'
import { embeddedKilled } from './embedded-killed.ts'
import { everythingKilled } from './everything-killed.ts'
import type { Fault } from './fault.ts'
import { lossNotFinite } from './loss-not-finite.ts'
import { messagesRepeated } from './messages-repeated.ts'
import { poison } from './poison.ts'
import { postgresHung, postgresKilled, postgresRestarted } from './postgres-away.ts'
import { redisFlushed, redisHung, redisKilled } from './redis-away.ts'
import { threadDies } from './thread-dies.ts'
import { workerKilled } from './worker-killed.ts'
import { zombie } from './zombie.ts'

export const faults: readonly Fault[] = [
  workerKilled,
  apiKilled,
  postCrashPoints,
  runCrashPoints,
  commitCut,
  threadDies,
  poison,
  lossNotFinite,
  cancelRaces,
  clockJumps,
  messagesRepeated,
  zombie,
  redisFlushed,
  redisKilled,
  redisHung,
  postgresRestarted,
  postgresKilled,
  postgresHung,
  diskFull,
  everythingKilled,
  embeddedKilled,
]
