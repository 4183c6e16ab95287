/**
 * @file One workload: all contenders in turn, round after round, so that a slow phase of the machine
 * meets all of them; then medians, and the ratio of each peer's best setting to each of ours.
 */
import { percentile } from '../support/statistics.ts'
import { type Contender, reasonOf } from './contender.ts'
import type { Workload } from './workloads/workload.ts'

export interface Row {
  readonly workload: string
  readonly table: string
  readonly threads: number
  readonly ours_ms: number
  readonly peer: string
  /** Of the peer's best setting with at most as many threads as ours. */
  readonly peer_threads: number
  readonly peer_ms: number
  /** The peer's time over ours. */
  readonly ratio: number
  readonly bar: number | null
}

export interface OurContender extends Contender {
  readonly table: string
}

export async function compare(
  workload: Workload,
  ours: readonly OurContender[],
  peers: readonly Contender[],
  rounds: number,
): Promise<Row[]> {
  const letter = workload.name[0]
  const able = peers.filter(({ workloads }) => workloads.includes(letter))
  const medians = await measure(letter, [...ours, ...able], rounds)

  return ours.flatMap((our) => {
    const oursMs = medians.get(our)
    if (oursMs === undefined) return []
    return bestOfEach(able, our.threads, medians).map(([peer, peerMs]) => ({
      workload: workload.name,
      table: our.table,
      threads: our.threads,
      ours_ms: significant(oursMs),
      peer: peer.name,
      peer_threads: peer.threads,
      peer_ms: significant(peerMs),
      ratio: significant(peerMs / oursMs),
      bar: barOf(workload, our, peer),
    }))
  })
}

/** Milliseconds a step of those who did all rounds; the others are named, with what went wrong. */
async function measure(
  letter: string,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<Contender, number>> {
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [contender, soFar] of times) {
      try {
        soFar.push(await contender.round(letter))
      } catch (error) {
        console.log(
          `FAILED ${contender.name} (threads: ${contender.threads}) in ${letter}: ${reasonOf(error)}`,
        )
        times.delete(contender)
      }
    }
  }
  return new Map(
    [...times].map(([contender, all]) => [contender, medianOf(letter, contender, all)]),
  )
}

/**
 * A median far from the best round says more of the machine than of the contender: PyTorch's two
 * threads spin, and wait ten times their work for one another where a third program wants a core.
 */
function medianOf(letter: string, { name, threads }: Contender, times: readonly number[]): number {
  const median = percentile(times, 0.5)
  const best = Math.min(...times)
  if (median > 1.3 * best) {
    const [typical, least] = [significant(median), significant(best)]
    console.log(
      `UNSTEADY ${name} (threads: ${threads}) in ${letter}: ${typical} ms, at best ${least}`,
    )
  }
  return median
}

function bestOfEach(
  peers: readonly Contender[],
  threads: number,
  medians: ReadonlyMap<Contender, number>,
): [Contender, number][] {
  const best = new Map<string, [Contender, number]>()
  for (const peer of peers) {
    const ms = medians.get(peer)
    if (ms === undefined || peer.threads > threads) continue
    if (ms < (best.get(peer.name)?.[1] ?? Number.POSITIVE_INFINITY)) best.set(peer.name, [peer, ms])
  }
  return [...best.values()]
}

function barOf({ bars }: Workload, { table, threads }: OurContender, peer: Contender) {
  const name = peer.name.replace(/ [\d.]+$/, '') // an older version meets the same bar
  const bar = bars.find((each) => each.peer === name && each.threads === threads)
  return table === 'native' || table === 'wasm' ? (bar?.[table] ?? null) : null
}

/** Steps last from a tenth of a microsecond to seconds. */
function significant(value: number): number {
  return Number(value.toPrecision(4))
}
