/** @file Sends one request as it is, over a socket that is kept, and never waits for ever. */
import { Agent, type IncomingMessage, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly mediaType: string
  readonly retryAfter: string | undefined
  readonly text: string
  readonly milliseconds: number
  /** A stream goes on for ever: only its beginning was read. */
  readonly isStream: boolean
}

export interface Sending {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

export interface Sender {
  /** Errors: those of the socket, and one that says that no answer came in time. */
  send(sending: Sending): Promise<Answer>
  close(): void
}

/** The service gives up on a handler after 60 s; no answer of this size takes a tenth of it. */
const answerWithinMs = 30_000
const streamBytes = 4_096
const streamMs = 100

export function createSender(origin: string, concurrency: number): Sender {
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  return {
    send: ({ method, url: path, headers, body }) =>
      new Promise((resolve, reject) => {
        const startedAtMs = performance.now()
        const outgoing = request(
          {
            agent,
            hostname,
            port,
            method,
            path,
            headers: { ...headers, ...lengthOf(body) },
          },
          (incoming) => {
            readAnswer(incoming, startedAtMs).then(resolve, reject)
          },
        )
        const timer = setTimeout(
          () => outgoing.destroy(new Error(`no answer in ${answerWithinMs} ms`)),
          answerWithinMs,
        )
        outgoing.on('error', reject)
        outgoing.once('close', () => clearTimeout(timer))
        outgoing.end(body)
      }),
    close: () => agent.destroy(),
  }
}

function lengthOf(body: Sending['body']): Record<string, string> {
  if (body === undefined) return {}
  return { 'content-length': String(Buffer.byteLength(body)) }
}

function readAnswer(incoming: IncomingMessage, startedAtMs: number): Promise<Answer> {
  const type = String(incoming.headers['content-type'] ?? '')
  const isStream = type.startsWith('text/event-stream')
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let bytes = 0
    const finish = () => {
      resolve({
        status: incoming.statusCode ?? 0,
        mediaType: type.split(';')[0],
        retryAfter: incoming.headers['retry-after'],
        text: Buffer.concat(pieces).toString(),
        milliseconds: performance.now() - startedAtMs,
        isStream,
      })
      if (isStream) incoming.destroy()
    }
    incoming.on('data', (piece: Buffer) => {
      pieces.push(piece)
      bytes += piece.length
      if (isStream && bytes >= streamBytes) finish()
    })
    incoming.once('end', finish)
    incoming.on('error', reject)
    if (isStream) setTimeout(finish, streamMs)
  })
}
