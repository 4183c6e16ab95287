/** @file One thread of a team: computes its share of every case, and says what came of it. */
import { parentPort, workerData } from 'node:worker_threads'

import type { SharedMemory } from '../../../src/engine/index.ts'
import { hashLayers } from './hash-layers.ts'
import { hashTrainings } from './hash-trainings.ts'
import { openMember } from './open-member.ts'
import type { Hashes, MemberData } from './run-in-team.ts'

const { rounds, ...member }: MemberData = workerData
const hashes = rounds.map(({ stumbles, layers, trainings }): Hashes => {
  const open = (memory: SharedMemory) => openMember(member, memory, stumbles === member.index)
  return { ...hashLayers(open(layers)), ...hashTrainings(trainings.map(open)) }
})
parentPort?.postMessage(hashes)
