/** @file A client of an event stream, over a real socket. */
export interface Message {
  readonly id: number
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the stream brought
  readonly data: any
}

export interface EventStream {
  readonly status: number
  readonly headers: Headers
  readonly messages: readonly Message[]
  /** Resolves when so many messages have come. */
  until(count: number): Promise<void>
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>
  close(): void
}

export async function openEventStream(
  url: string,
  headers: Record<string, string>,
): Promise<EventStream> {
  const abort = new AbortController()
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  })
  const messages: Message[] = []
  return {
    status: response.status,
    headers: response.headers,
    messages,
    ended: read(response, messages).catch((error) => {
      if (!abort.signal.aborted) throw error
    }),
    close: () => abort.abort(),
    async until(count) {
      const deadlineMs = performance.now() + 5_000
      while (messages.length < count) {
        if (performance.now() > deadlineMs) {
          throw new Error(`Expected ${count} messages, got ${JSON.stringify(messages)}.`)
        }
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    },
  }
}

async function read(response: Response, messages: Message[]): Promise<void> {
  if (!response.body) return
  let text = ''
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const message = parse(text.slice(0, end))
      if (message) messages.push(message)
      text = text.slice(end + 2)
    }
  }
}

function parse(block: string): Message | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  const [id, event, data] = ['id', 'event', 'data'].map(field)
  if (id === undefined || event === undefined || data === undefined) return null
  return { id: Number(id), event, data: JSON.parse(data) }
}
