/**
 * @file So many requests, made from a seed, sent to a running service, and every answer judged.
 *
 * The same seed makes the same requests, whatever the service answers. Many are under way at once, so
 * their order at the service may differ; `only` sends one of them alone.
 */
import fc from 'fast-check'

import { type OpenApiDocument, type Operation, operationsOf, type Schema } from './document.ts'
import { type Keys, makeKeys, makeThings } from './fixtures.ts'
import { examples } from './generate/examples.ts'
import { type FuzzRequest, requestsFor } from './generate/request.ts'
import { createValuesOf } from './generate/valid.ts'
import { type Health, watchHealth } from './health.ts'
import { createJudge } from './judge.ts'
import { createKnownIds } from './known-ids.ts'
import { createSchemas, type Schemas } from './schemas.ts'
import { type Answer, createSender } from './send.ts'

export interface CampaignOptions {
  readonly url: string
  readonly pid: number
  /** May do everything. */
  readonly key: string
  readonly requests: number
  readonly seed: number
  /** The number of the one request to send. */
  readonly only?: number
  /** What is left when this is over is not sent. */
  readonly withinMs?: number
  readonly onProgress?: (sent: number) => void
}

export interface Finding {
  readonly what: string
  /** Of the first request of this kind, to send it again. */
  readonly number: number
  readonly request: string
  readonly answer: string
  times: number
}

export interface CampaignReport {
  readonly sent: number
  readonly seconds: number
  readonly operations: number
  /** Operations that never answered a success, nor a 409 that a thing's state was to blame for. */
  readonly neverServed: readonly string[]
  readonly byKind: Readonly<Record<string, number>>
  readonly byStatus: Readonly<Record<string, number>>
  /** 503 by what it says. */
  readonly unavailable: Readonly<Record<string, number>>
  /** Sockets that ended before their answer did. */
  readonly cut: number
  readonly findings: readonly Finding[]
  readonly health: Health
}

export const delayLimitMs = 200
const concurrency = 12
const perSample = 200
const thingsEvery = 1_000

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { url, pid, key, requests, seed, only, withinMs = Number.POSITIVE_INFINITY } = options
  const startedAtMs = performance.now()
  const document: OpenApiDocument = JSON.parse(await (await fetch(`${url}/openapi.json`)).text())
  const operations = operationsOf(document)
  const schemas = createSchemas(document)
  const judge = createJudge(schemas)
  const sender = createSender(url, concurrency)
  const ids = createKnownIds()
  const client = { sender, key, ids }
  const keys = await makeKeys(client)
  await makeThings(client)

  const findings = new Map<string, Finding>()
  const tallies = { byKind: tally(), byStatus: tally(), unavailable: tally() }
  const recent: string[] = []
  const served = new Set<string>()
  let cut = 0
  let sent = 0

  function find(what: string, number: number, request: string, answer = ''): void {
    const known = findings.get(what)
    if (known) known.times += 1
    else findings.set(what, { what, number, request, answer: answer.slice(0, 600), times: 1 })
  }

  async function sendOne(number: number, request: FuzzRequest): Promise<void> {
    const sending = toSending(request, keys, ids.fill)
    let answer: Answer
    try {
      answer = await sender.send(sending)
    } catch (error) {
      // A refusal may close the socket while the body is still being sent.
      cut += 1
      if (String(error).includes('no answer')) {
        find(`${request.operation.name}: ${error}`, number, describe(request))
      }
      return
    }
    tallies.byStatus.add(String(answer.status))
    if (answer.status === 503) tallies.unavailable.add(detailOf(answer))
    if (answer.milliseconds > delayLimitMs) {
      recent.push(`${number} ${request.operation.name} ${Math.round(answer.milliseconds)} ms`)
      if (recent.length > concurrency) recent.shift()
    }
    if (answer.status < 400 || answer.status === 409) served.add(request.operation.name)
    if (answer.status === 201 || answer.status === 202) ids.learn(answer.text)
    const fault = judge.judge(request, answer)
    if (fault) find(`${request.operation.name}: ${fault}`, number, describe(request), answer.text)
  }

  const health = watchHealth({
    url,
    pid,
    limitMs: delayLimitMs,
    onOver: (ms) =>
      find(`event loop held for ${Math.round(ms / 100) * 100} ms`, sent, recent.join('\n')),
  })
  const source = createRequests(fc.oneof(...weighted(operations, document, schemas)), seed)
  const numbers = only === undefined ? range(0, requests) : range(only, only + 1)
  const workers = Array.from({ length: concurrency }, async () => {
    for (const number of numbers) {
      if (performance.now() - startedAtMs > withinMs) return
      if (number % thingsEvery === thingsEvery - 1) await makeThings(client).catch(() => {})
      const request = source(number)
      tallies.byKind.add(request.kind)
      await sendOne(number, request)
      sent += 1
      if (sent % 1_000 === 0) options.onProgress?.(sent)
    }
  })
  await Promise.all(workers)
  sender.close()

  return {
    sent,
    seconds: (performance.now() - startedAtMs) / 1000,
    operations: operations.length,
    neverServed: operations.map(({ name }) => name).filter((name) => !served.has(name)),
    byKind: tallies.byKind.counts,
    byStatus: tallies.byStatus.counts,
    unavailable: tallies.unavailable.counts,
    cut,
    health: await health.stop(),
    findings: [...findings.values()],
  }
}

/** One iterator that all workers take from. */
function* range(from: number, to: number): Generator<number, void> {
  for (let number = from; number < to; number++) yield number
}

/** What reads a body has more to get wrong. */
function weighted(
  operations: readonly Operation[],
  { components }: OpenApiDocument,
  { accepts }: Schemas,
) {
  const values = createValuesOf(components.schemas)
  const examplesOf = (schema: Schema) => examples.filter((example) => accepts(schema, example))
  return operations.map((operation) => ({
    weight: Object.keys(operation.bodies).length > 0 ? 4 : 1,
    arbitrary: requestsFor(operation, { values, examplesOf }),
  }))
}

/** The request of a number: the same for the same seed, in whichever order they are asked for. */
function createRequests(arbitrary: fc.Arbitrary<FuzzRequest>, seed: number) {
  const samples = new Map<number, readonly FuzzRequest[]>()
  return (number: number): FuzzRequest => {
    const index = Math.floor(number / perSample)
    const sample =
      samples.get(index) ?? fc.sample(arbitrary, { seed: seed + index, numRuns: perSample })
    samples.set(index, sample)
    samples.delete(index - 2)
    return sample[number % perSample]
  }
}

function toSending(request: FuzzRequest, keys: Keys, fill: (text: string) => string) {
  const { method, url, headers, caller, body } = request
  return {
    method,
    url: fill(url),
    headers: {
      ...(caller !== 'nobody' && { authorization: `Bearer ${keys[caller]}` }),
      ...headers,
    },
    body: typeof body === 'string' ? fill(body) : body,
  }
}

function describe({ kind, method, url, headers, caller, body }: FuzzRequest): string {
  const text = typeof body === 'string' ? body : Buffer.from(body ?? []).toString('latin1')
  const shown = `${JSON.stringify(headers).slice(0, 300)} ${JSON.stringify(text.slice(0, 600))}`
  return `${kind}, as ${caller}: ${method} ${url.slice(0, 300)} ${shown}`
}

function detailOf({ text }: Answer): string {
  try {
    return JSON.parse(text).detail ?? 'no detail'
  } catch {
    return 'not JSON'
  }
}

function tally() {
  const counts: Record<string, number> = {}
  return {
    counts,
    add(name: string) {
      counts[name] = (counts[name] ?? 0) + 1
    },
  }
}
