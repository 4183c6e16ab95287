/** @file The smallest HTTP client there is: what it costs is not part of what is measured. */
import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly milliseconds: number
}

export interface Client {
  send(method: string, path: string, body?: object | string, headers?: object): Promise<Answer>
  close(): void
}

export function createClient(url: string, key: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 })
  const { hostname, port } = new URL(url)
  return {
    send(method, path, body, headers = {}) {
      const content = typeof body === 'object' ? JSON.stringify(body) : body
      const startedAtMs = performance.now()
      return new Promise((resolve, reject) => {
        const outgoing = request(
          {
            hostname,
            port,
            method,
            path,
            agent,
            headers: {
              authorization: `Bearer ${key}`,
              ...(content && {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(content),
              }),
              ...headers,
            },
          },
          (response) => {
            const pieces: Buffer[] = []
            response.on('data', (piece: Buffer) => pieces.push(piece))
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                body: Buffer.concat(pieces).toString(),
                milliseconds: performance.now() - startedAtMs,
              }),
            )
          },
        )
        outgoing.on('error', reject)
        outgoing.end(content)
      })
    },
    close: () => agent.destroy(),
  }
}
