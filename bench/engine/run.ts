/**
 * @file `npm run bench:engine`: how fast a training step is, beside the peers that are installed, in
 * one run. README.md says how to install them, and what the options are.
 *
 * Prints a table. A whole run, or one with --write, writes bench/results/engine.json.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'

import { compare, type OurContender, type Row } from './compare.ts'
import { type Contender, reasonOf, startContender } from './contender.ts'
import { startPeers } from './peers.ts'
import { workloads } from './workloads/index.ts'
import type { Workload } from './workloads/workload.ts'

const { values: options } = parseArgs({
  options: {
    workloads: { type: 'string', default: Object.keys(workloads).join() },
    tables: { type: 'string', default: 'native,wasm' },
    threads: { type: 'string', default: '1,2' },
    peers: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    write: { type: 'boolean', default: process.argv.length === 2 },
  },
})

async function startOurs({ threads }: Workload): Promise<OurContender[]> {
  const started: OurContender[] = []
  for (const count of threads.filter((each) => options.threads.split(',').includes(String(each)))) {
    for (const table of options.tables.split(',')) {
      const command = ['node', '--import', 'tsx', 'bench/engine/ours.ts', table, String(count)]
      try {
        const label = `ours, ${table}`
        started.push({ ...(await startContender({ label, command, threads: count })), table })
      } catch (error) {
        console.log(`MISSING ours, ${table} (threads: ${count}): ${reasonOf(error)}`)
      }
    }
  }
  return started
}

function print(row: Row): void {
  const verdict = row.bar === null ? '' : `≥ ${row.bar} ${row.ratio >= row.bar ? 'yes' : 'NO'}`
  const cells = [
    row.workload.padEnd(53),
    row.table.padEnd(10),
    String(row.threads).padEnd(8),
    String(row.ours_ms).padEnd(10),
    `${row.peer} (${row.peer_threads})`.padEnd(25),
    String(row.peer_ms).padEnd(10),
    String(row.ratio).padEnd(8),
    verdict,
  ]
  console.log(cells.join(''))
}

/** By name: version, BLAS, and the numbers of threads it was tried with. */
function describePeers(peers: readonly Contender[]): Record<string, string> {
  const described: Record<string, string> = {}
  for (const { name, version } of peers) {
    const threads = peers.filter((peer) => peer.name === name).map((peer) => peer.threads)
    described[name] = `${version}, threads: ${threads.join(' or ')}`
  }
  return described
}

const [load] = loadavg()
if (load > 0.5) console.log(`THE MACHINE IS BUSY (load ${load.toFixed(1)}): medians will suffer.`)
const peers = await startPeers(options.peers?.split(',') ?? null)
const described = describePeers(peers)
console.log(described)
console.log(
  `\n${'workload'.padEnd(53)}table     threads ours ms   peer (threads)           peer ms   ratio   bar`,
)

const rows: Row[] = []
for (const letter of options.workloads.split(',')) {
  const ours = await startOurs(workloads[letter])
  const compared = await compare(workloads[letter], ours, peers, Number(options.rounds))
  compared.forEach(print)
  rows.push(...compared)
  await Promise.all(ours.map((our) => our.stop()))
}
await Promise.all(peers.map((peer) => peer.stop()))

const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim()
const date = new Date().toISOString().slice(0, 10)
if (options.write && rows.length > 0) {
  const result = { machine, commit, date, peers: described, rows }
  writeFileSync('bench/results/engine.json', `${JSON.stringify(result, null, 2)}\n`)
}
if (rows.length === 0) {
  console.log('NOTHING WAS MEASURED.')
  process.exitCode = 1
}
