/** @file Sends one upload as it is over a socket of its own, with whatever length is said of it. */
import { connect } from 'node:net'

import type { Upload } from './generate/uploads.ts'

export interface UploadAnswer {
  /** null: the connection was closed without an answer, as one is that ends within its body. */
  readonly status: number | null
  readonly body: string
}

export interface UploadTarget {
  readonly url: string
  readonly key: string
}

/** Small bodies have 20 s. */
const answerWithinMs = 30_000

/** Errors: none came in time. */
export function sendUpload({ url, key }: UploadTarget, upload: Upload): Promise<UploadAnswer> {
  const { mediaType, bytes, saidTooMuch } = upload
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const pieces: Buffer[] = []
    socket.setTimeout(answerWithinMs, () => {
      socket.destroy()
      reject(new Error(`no answer in ${answerWithinMs} ms`))
    })
    socket.on('data', (piece: Buffer) => pieces.push(piece))
    socket.on('error', () => {}) // refused within its body, and reset
    socket.once('close', () => resolve(firstAnswerIn(Buffer.concat(pieces).toString('latin1'))))
    const length = Math.max(0, bytes.length + saidTooMuch)
    socket.write(
      `POST /v1/datasets HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${key}\r\n` +
        `content-type: ${mediaType}\r\ncontent-length: ${length}\r\n\r\n`,
    )
    // Who ends their side before the answer has gone away.
    if (saidTooMuch > 0) socket.end(bytes)
    else socket.write(bytes)
  })
}

/** Bytes behind the length that was said are another request, which has an answer of its own. */
function firstAnswerIn(text: string): UploadAnswer {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? []
  if (status === undefined) return { status: null, body: '' }
  const start = text.indexOf('\r\n\r\n') + 4
  const [, length] = /^content-length: (\d+)/im.exec(text) ?? []
  return { status: Number(status), body: text.slice(start, start + Number(length ?? 0)) }
}
