/** @file A reader of one job's events, as EventSource is: it comes back with the last id that it got. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { EventType } from '../../../src/contract/events.ts'
import type { SeenMessage } from '../invariants.ts'
import type { Call } from './clients.ts'

const pauseMs = 100

/** Resolves at the end event, or once it has been told to give up and its connection has ended. */
export async function followEvents(
  { jobId, messages }: { readonly jobId: string; readonly messages: SeenMessage[] },
  call: (call: Call) => Promise<Response>,
  giveUp: AbortSignal,
): Promise<void> {
  const hasEnded = () => messages.at(-1)?.type === 'end'
  while (!hasEnded() && !giveUp.aborted) {
    const last = messages.at(-1)?.seq
    try {
      const response = await call({
        path: `/v1/jobs/${jobId}/events`,
        headers: {
          accept: 'text/event-stream',
          ...(last !== undefined && { 'last-event-id': String(last) }),
        },
      })
      if (response.status === 204) return
      if (response.ok) await readMessages(response, messages)
    } catch {
      // Cut: the next connection goes on after the last message.
    }
    if (!hasEnded()) await sleep(pauseMs)
  }
}

async function readMessages(response: Response, messages: SeenMessage[]): Promise<void> {
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const message of whole.flatMap(parseMessage)) {
      messages.push(message)
      if (message.type === 'end') return
    }
  }
}

/** Comments, which keep a connection open, are no messages. */
function parseMessage(text: string): SeenMessage[] {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
  const [seq, type, data] = [field('id'), field('event'), field('data')]
  if (seq === undefined || type === undefined) return []
  const { points = [] } = JSON.parse(data ?? '{}') as { points?: { name: string; step: number }[] }
  return [
    {
      seq: Number(seq),
      type: type as EventType,
      points: points.map(({ name, step }) => `${name} ${step}`),
    },
  ]
}
