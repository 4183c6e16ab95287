/**
 * @file A receiver of OTLP over HTTP, as a collector is one: it takes protobuf, and keeps the spans. The
 * numbers of the fields are those of opentelemetry/proto/trace/v1/trace.proto.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** '' for the first of a trace. */
  readonly parentId: string
  readonly name: string
  /** 1 internal, 2 server, 5 consumer. */
  readonly kind: number
  readonly startedAtNs: bigint
  readonly endedAtNs: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: readonly { readonly name: string; readonly attributes: object }[]
  /** 2 when it failed. */
  readonly status: number
  /** Of the process that sent it. */
  readonly resource: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver {
  readonly url: string
  readonly spans: readonly ReceivedSpan[]
  /** Everything that came, as it came. */
  readonly bodies: readonly Buffer[]
  close(): Promise<void>
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const isTraces =
      request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf'
    if (isTraces) {
      bodies.push(body)
      spans.push(...spansOf(body))
    }
    response.writeHead(isTraces ? 200 : 404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    bodies,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function spansOf(request: Buffer): ReceivedSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1)
    const attributes = attributesOf(messages(resource, 1))
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => spanOf(span, attributes))
  })
}

function spanOf(span: Buffer, resource: Record<string, unknown>): ReceivedSpan {
  const hex = (field: number) => messages(span, field)[0]?.toString('hex') ?? ''
  const [status] = messages(span, 15)
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    name: messages(span, 5)[0].toString(),
    kind: Number(number(span, 6) ?? 0n),
    startedAtNs: number(span, 7) ?? 0n,
    endedAtNs: number(span, 8) ?? 0n,
    attributes: attributesOf(messages(span, 9)),
    events: messages(span, 11).map((event) => ({
      name: messages(event, 2)[0].toString(),
      attributes: attributesOf(messages(event, 3)),
    })),
    status: Number((status && number(status, 3)) ?? 0n),
    resource,
  }
}

function attributesOf(keyValues: readonly Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    keyValues.map((keyValue) => {
      const value = messages(keyValue, 2)[0]
      const [text] = messages(value, 1)
      const double = fields(value).find(({ field }) => field === 4)?.number
      const whole = number(value, 2) ?? number(value, 3)
      const number64 = double === undefined ? Number(whole) : asDouble(double)
      return [messages(keyValue, 1)[0].toString(), text ? text.toString() : number64]
    }),
  )
}

function asDouble(bits: bigint): number {
  return new Float64Array(new BigUint64Array([bits]).buffer)[0]
}

interface Field {
  readonly field: number
  readonly bytes?: Buffer
  readonly number?: bigint
}

const messages = (message: Buffer, field: number) =>
  fields(message).flatMap((each) => (each.field === field && each.bytes ? [each.bytes] : []))

const number = (message: Buffer, field: number) =>
  fields(message).find((each) => each.field === field)?.number

/** The wire format of protobuf: a tag before each value, which says its field and its form. */
function fields(message: Buffer): Field[] {
  const found: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    const [field, form] = [tag >> 3, tag & 7]
    if (form === 0) found.push({ field, number: varint() })
    else if (form === 1) {
      found.push({ field, number: message.readBigUInt64LE(at) })
      at += 8
    } else if (form === 5) {
      found.push({ field, number: BigInt(message.readUInt32LE(at)) })
      at += 4
    } else if (form === 2) {
      const length = Number(varint())
      found.push({ field, bytes: message.subarray(at, at + length) })
      at += length
    } else throw new Error(`Wire form ${form} is not of protobuf 3.`)
  }
  return found
}
