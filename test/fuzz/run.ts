/**
 * @file `npm run fuzz -- --requests 100000 --seed 1`: hostile requests against a service that it starts
 * itself; then the corpus of hostile files and `--files 20000` mutations of it; then `--headers 200000`
 * safetensors files that lie. Each may be 0. `--only N` sends request N of the seed alone, to look at a
 * finding.
 */
import { parseArgs } from 'node:util'

import { runCampaign } from './campaign.ts'
import { describeFiles, fuzzFiles } from './files.ts'
import { describeReport } from './report.ts'
import { fuzzSafetensors } from './safetensors.ts'
import { startFuzzedService } from './service.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    files: { type: 'string', default: '20000' },
    headers: { type: 'string', default: '200000' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed)
console.log(`seed ${seed}`)

const service = await startFuzzedService()
const { url, pid, firstKey } = service.program
const target = { url, pid, key: firstKey ?? '', seed }
const isOnly = values.only !== undefined
let code: number | null = null
let findings = 0
try {
  const requests = Number(values.requests)
  if (requests > 0) {
    const report = await runCampaign({
      ...target,
      requests,
      only: isOnly ? Number(values.only) : undefined,
      onProgress: (sent) => {
        if (sent % 10_000 === 0) console.log(`${sent} sent`)
      },
    })
    console.log(describeReport(report))
    findings += report.findings.length
  }
  const files = isOnly ? 0 : Number(values.files)
  if (files > 0) {
    const report = await fuzzFiles({
      ...target,
      files,
      onProgress: (sent) => console.log(`${sent} files sent`),
    })
    console.log(describeFiles(report))
    findings += report.findings.size
  }
} finally {
  code = await service.stop()
}
const errors = service.errors()
console.log(`errors in the log: ${errors.length}\n${errors.slice(0, 20).join('\n')}`)
for (const line of service.refusals().slice(0, 20)) console.log(`not served: ${line}`)
console.log(`the service ended with ${code}`)

const startedAtMs = performance.now()
const { decoded, refused } = fuzzSafetensors(isOnly ? 0 : Number(values.headers), seed)
const seconds = Math.round((performance.now() - startedAtMs) / 1000)
console.log(`safetensors: ${refused} refused, ${decoded} decoded, nothing else, in ${seconds} s`)
process.exit(findings + errors.length > 0 || code !== 0 ? 1 : 0)
