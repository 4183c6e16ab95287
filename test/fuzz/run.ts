/**
 * @file `npm run fuzz -- --requests 100000 --seed 1`: hostile requests against a service that it starts
 * itself; then `--headers 200000` safetensors files that lie. `--only N` sends request N of the seed
 * alone, to look at a finding.
 */
import { parseArgs } from 'node:util'

import { runCampaign } from './campaign.ts'
import { describeReport } from './report.ts'
import { fuzzSafetensors } from './safetensors.ts'
import { startFuzzedService } from './service.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    headers: { type: 'string', default: '200000' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
console.log(`seed ${seed}`)

const service = await startFuzzedService()
const { program } = service
let code: number | null = null
const report = await runCampaign({
  url: program.url,
  pid: program.pid,
  key: program.firstKey ?? '',
  requests: Number(values.requests),
  seed,
  only: values.only === undefined ? undefined : Number(values.only),
  onProgress: (sent) => {
    if (sent % 10_000 === 0) console.log(`${sent} sent`)
  },
}).finally(async () => {
  code = await service.stop()
})
const errors = service.errors()

console.log(describeReport(report))
console.log(`errors in the log: ${errors.length}\n${errors.slice(0, 20).join('\n')}`)
for (const line of service.refusals().slice(0, 20)) console.log(`not served: ${line}`)
console.log(`the service ended with ${code}`)

const startedAtMs = performance.now()
const { decoded, refused } = fuzzSafetensors(Number(values.headers), seed)
const seconds = Math.round((performance.now() - startedAtMs) / 1000)
console.log(`safetensors: ${refused} refused, ${decoded} decoded, nothing else, in ${seconds} s`)
process.exit(report.findings.length + errors.length > 0 || code !== 0 ? 1 : 0)
