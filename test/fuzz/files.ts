/**
 * @file Hostile files in their long form: the corpus, and so many mutations of it, uploaded to a running
 * service. Each is stored, or refused with its place; nothing of it stays, and memory stays flat.
 */
import fc from 'fast-check'

import { hostileFiles } from './generate/hostile-files.ts'
import { type Upload, uploads } from './generate/uploads.ts'
import { type Health, watchHealth } from './health.ts'
import { sendUpload, type UploadAnswer } from './send-upload.ts'

export interface FilesOptions {
  readonly url: string
  readonly pid: number
  readonly key: string
  /** Beside the corpus. */
  readonly files: number
  readonly seed: number
  readonly onProgress?: (sent: number) => void
}

export interface FilesReport {
  readonly sent: number
  readonly seconds: number
  readonly byStatus: Readonly<Record<string, number>>
  /** What is wrong with an answer, and the first file that it was an answer to. */
  readonly findings: ReadonlyMap<string, string>
  readonly health: Health
}

/** Where in the file: the words by which refusals name a place. */
const place = /row|line|column|file|images|labels|text|header/i
const expected = [201, 400, 413, 415, 422]

/** As many uploads as the service takes of a project at once: more would only wait, and be told so. */
const concurrency = 2
const perSample = 200
const delayLimitMs = 200

export async function fuzzFiles(options: FilesOptions): Promise<FilesReport> {
  const startedAtMs = performance.now()
  const byStatus: Record<string, number> = {}
  const findings = new Map<string, string>()
  let sent = 0

  function find(what: string, { mediaType, bytes }: Upload, body: string): void {
    const shown = Buffer.from(bytes.subarray(0, 300)).toString('latin1')
    if (!findings.has(what)) findings.set(what, JSON.stringify([mediaType, shown, body]))
  }

  async function sendOne(upload: Upload): Promise<void> {
    sent += 1
    if (sent % 1_000 === 0) options.onProgress?.(sent)
    let answer: UploadAnswer
    try {
      answer = await sendUpload(options, upload)
    } catch (error) {
      find(String(error), upload, '')
      return
    }
    const status = String(answer.status ?? 'cut')
    byStatus[status] = (byStatus[status] ?? 0) + 1
    const fault = faultOf(upload, answer)
    if (fault) find(fault, upload, answer.body)
    if (answer.status === 201) await remove(options, answer.body)
  }

  const health = watchHealth({
    ...options,
    limitMs: delayLimitMs,
    onOver: (ms) => findings.set(`event loop held for ${Math.round(ms)} ms`, ''),
  })
  const all = uploadsOf(options)
  const senders = Array.from({ length: concurrency }, async () => {
    for (const upload of all) await sendOne(upload)
  })
  await Promise.all(senders)
  const seconds = (performance.now() - startedAtMs) / 1000
  return { sent, seconds, byStatus, findings, health: await health.stop() }
}

/** One iterator that all senders take from. */
function* uploadsOf({ files, seed }: FilesOptions): Generator<Upload, void> {
  for (const file of hostileFiles()) yield { ...file, saidTooMuch: 0 }
  for (let i = 0; i < files; i += perSample) {
    const numRuns = Math.min(perSample, files - i)
    yield* fc.sample(uploads, { seed: seed + i, numRuns })
  }
}

function faultOf({ saidTooMuch }: Upload, { status, body }: UploadAnswer): string | null {
  // What ends within its body is nobody's to answer; what comes behind its end may reset the answer.
  if (status === null) return saidTooMuch === 0 ? 'closed without an answer' : null
  if (status === 201) return saidTooMuch > 0 ? 'stored, though its end never came' : null
  const { code, detail }: { code?: string; detail?: string } = JSON.parse(body)
  if (!expected.includes(status)) return `answered with ${status}`
  if (!code || !detail) return `${status} without a code or a detail`
  if (status === 422 && !place.test(detail)) return `${code} without a place: ${detail}`
  return null
}

/** What was stored is removed at once, so that there is room for the next. */
async function remove({ url, key }: FilesOptions, body: string): Promise<void> {
  const { id }: { id: string } = JSON.parse(body)
  const headers = { authorization: `Bearer ${key}` }
  const { status } = await fetch(`${url}/v1/datasets/${id}`, { method: 'DELETE', headers })
  if (status !== 204) throw new Error(`Dataset ${id} was not removed: ${status}.`)
}

export function describeFiles({ sent, seconds, byStatus, findings, health }: FilesReport): string {
  const memory = [health.firstResidentMiB, health.mostResidentMiB, health.lastResidentMiB]
  return [
    `${sent} files in ${Math.round(seconds)} s`,
    `statuses     ${Object.entries(byStatus)
      .map((pair) => pair.join(': '))
      .join(', ')}`,
    `event loop   longest delay of its own ${Math.round(health.longestOwnDelayMs)} ms`,
    `memory       ${memory.map(Math.round).join(' → ')} MiB (first, most, last)`,
    `findings     ${findings.size}`,
    ...[...findings].map(([what, file]) => `\n${what}\n  ${file}`),
  ].join('\n')
}
