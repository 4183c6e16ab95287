/**
 * @file The clients of a service under attack. Each does what a good client does: one idempotency key
 * for a request until it is answered, a pause after a 503, another connection after a cut one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { AcceptedJob } from '../invariants/types.ts'
import type { NamedRequest, SeenStream, TerminalStatus } from '../invariants.ts'
import { followEvents } from './follow-events.ts'
import { createTally, type Tally } from './tally.ts'

export interface SubmitOptions {
  /** How it may end; succeeded unless given. */
  readonly ends?: readonly TerminalStatus[]
  /** Also read its events as a stream, to the end. */
  readonly follow?: boolean
  readonly maxAttempts?: number
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: object | string
  readonly contentType?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Clients {
  readonly tally: Tally
  readonly accepted: AcceptedJob[]
  readonly named: NamedRequest[]
  /** Those under way too. */
  readonly streams: SeenStream[]
  /** One try. Rejects when the connection is cut. */
  call(call: Call): Promise<Response>
  /** Tries until it is served. Throws on what no fault excuses. */
  ask(call: Call): Promise<unknown>
  /** Returns the id of the job. */
  submit(spec: object, options?: SubmitOptions): Promise<string>
  /** For when their jobs have ended: resolves when all followed streams have, or surely should have. */
  streamsEnded(): Promise<void>
  /** Forgets what was recorded: the next fault begins. */
  reset(): void
}

const giveUpAfterMs = 180_000
/** Readers get what is committed within a second or two, and after a cut connection at once. */
const streamsEndWithinMs = 60_000
/** Longer each time, so that those who wait for a slow start are no storm when it comes. */
const shortestPauseMs = 100
const longestPauseMs = 500
const requestLimitMs = 30_000

/** `urls` are asked anew for each try: processes come and go. */
export function createClients(urls: () => readonly string[], key: string): Clients {
  const tally = createTally()
  const accepted: AcceptedJob[] = []
  const named: NamedRequest[] = []
  const streams: SeenStream[] = []
  let following: Promise<void>[] = []
  let giveUp = new AbortController()
  let requests = 0

  async function call({ method, path, body, contentType, headers, ...options }: Call) {
    requests += 1
    const all = urls()
    const startedAtMs = performance.now()
    const content = typeof body === 'object' ? JSON.stringify(body) : body
    const verb = method ?? (body === undefined ? 'GET' : 'POST')
    try {
      const response = await fetch(`${all[requests % all.length]}${path}`, {
        method: verb,
        headers: {
          authorization: `Bearer ${options.key ?? key}`,
          ...(content !== undefined && { 'content-type': contentType ?? 'application/json' }),
          ...headers,
        },
        ...(content !== undefined && { body: content }),
        signal: AbortSignal.timeout(requestLimitMs),
      })
      const isWait = response.headers.has('retry-after')
      tally.add({
        verb,
        path,
        status: response.status,
        ms: performance.now() - startedAtMs,
        isWait,
      })
      return response
    } catch (error) {
      tally.addCut(error)
      throw error
    }
  }

  async function ask(asked: Call): Promise<unknown> {
    const deadlineMs = performance.now() + giveUpAfterMs
    for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
      const response = await call(asked).catch(() => null)
      const text = await response?.text().catch(() => null)
      if (response && typeof text === 'string') {
        if (response.ok) return text === '' ? null : JSON.parse(text)
        // Any 5xx is in the tally, and judged there.
        if (response.status < 500 && response.status !== 429) {
          throw new Error(`${response.status} from ${asked.path}: ${text}`)
        }
      }
      if (performance.now() > deadlineMs) throw new Error(`${asked.path} was not served: ${text}`)
      await sleep(pauseMs)
    }
  }

  async function submit(
    spec: object,
    { ends = ['succeeded'], follow = false, maxAttempts }: SubmitOptions = {},
  ): Promise<string> {
    const name = `chaos ${crypto.randomUUID()}`
    const request = { name, isAnswered: false }
    named.push(request)
    const headers = { 'idempotency-key': name.replace(' ', '-') }
    const body = { ...spec, name, ...(maxAttempts && { max_attempts: maxAttempts }) }
    const { id } = (await ask({ path: '/v1/jobs', body, headers })) as { id: string }
    request.isAnswered = true
    accepted.push({ id, ends })
    if (follow) {
      const stream = { jobId: id, messages: [] }
      streams.push(stream)
      following.push(followEvents(stream, call, giveUp.signal))
    }
    return id
  }

  return {
    tally,
    accepted,
    named,
    streams,
    call,
    ask,
    submit,
    async streamsEnded() {
      const tooLate = setTimeout(() => giveUp.abort(), streamsEndWithinMs)
      await Promise.all(following)
      clearTimeout(tooLate)
    },
    reset() {
      tally.reset()
      for (const list of [accepted, named, streams]) list.length = 0
      giveUp.abort()
      giveUp = new AbortController()
      following = []
    },
  }
}
