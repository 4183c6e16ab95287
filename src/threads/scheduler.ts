/**
 * @file The scheduler: who may run now, given so many threads and so much memory.
 *
 * It counts tokens and knows nothing of threads. A wish gets all that it asks for at once, or waits
 * holding nothing, so two wishes can never block each other. Groups take turns, what runs counted, and
 * within one it is first come, first served, save that a wish that fits may pass those that do not. Each may be passed
 * `maxOvertakes` times, and then nobody passes it any more, so nobody waits for ever.
 */
import { AppError } from '../contract/errors.ts'

export interface Wish {
  readonly threads: number
  /** The planned memory of the task. */
  readonly bytes: number
  /** Whose it is: wishes of one group do not keep those of another waiting. None: of nobody else's. */
  readonly group?: string
}

export interface Scheduler {
  /**
   * Resolves, once all is free, with the function that gives it all back. More threads than there
   * are count as all of them; more bytes than there are can never be had, and are refused at once.
   * Who waits leaves, and rejects with its reason, when the signal aborts.
   */
  acquire(wish: Wish, signal?: AbortSignal): Promise<() => void>
  /** What a new wish could have at once: nothing, while others wait. */
  free(): Wish
  /** What is taken now. */
  used(): Wish
  waiting(): number
  /** Resolves once everything has been given back. */
  idle(): Promise<void>
  /** Refuses whoever waits, and whoever comes later. */
  close(reason: Error): void
}

interface Waiting {
  readonly wish: Wish
  overtaken: number
  readonly grant: (release: () => void) => void
  readonly refuse: (reason: Error) => void
}

/** How often a wish may be passed: small ones fill the gaps, a large one waits for a few of them. */
const maxOvertakes = 16

export function createScheduler(total: Wish): Scheduler {
  const queue: Waiting[] = []
  const onIdle: (() => void)[] = []
  /** Of each group that has any. */
  const running = new Map<string, number>()
  let threads = total.threads
  let bytes = total.bytes
  let closed: Error | undefined

  const fits = (wish: Wish) => wish.threads <= threads && wish.bytes <= bytes
  const isIdle = () => threads === total.threads && bytes === total.bytes

  function take(wish: Wish): () => void {
    threads -= wish.threads
    bytes -= wish.bytes
    countRunning(wish, 1)
    let given = false
    return () => {
      if (given) return
      given = true
      threads += wish.threads
      bytes += wish.bytes
      countRunning(wish, -1)
      grantWhatFits()
      if (isIdle()) for (const resolve of onIdle.splice(0)) resolve()
    }
  }

  function countRunning({ group }: Wish, change: 1 | -1): void {
    if (group === undefined) return
    const count = (running.get(group) ?? 0) + change
    if (count === 0) running.delete(group)
    else running.set(group, count)
  }

  /**
   * Behind the first of each group comes the second of each, and so on. Who has all threads and more
   * waiting is passed by the first of another: that starts at the next end of anything.
   */
  function enqueue(waiting: Waiting): void {
    const rank = rankAt(queue.length, waiting.wish)
    let place = queue.length
    for (; place > 0; place--) {
      const before = queue[place - 1]
      if (before.overtaken >= maxOvertakes || rankAt(place - 1, before.wish) <= rank) break
      before.overtaken++
    }
    queue.splice(place, 0, waiting)
  }

  /** How many of its group run, or wait before this place. */
  function rankAt(place: number, { group }: Wish): number {
    if (group === undefined) return 0
    const waiting = queue.slice(0, place).filter(({ wish }) => wish.group === group).length
    return waiting + (running.get(group) ?? 0)
  }

  function grantWhatFits(): void {
    let index = 0
    while (index < queue.length) {
      const waiting = queue[index]
      if (!fits(waiting.wish)) {
        if (waiting.overtaken >= maxOvertakes) return
        index++
        continue
      }
      for (let before = 0; before < index; before++) queue[before].overtaken++
      queue.splice(index, 1)
      waiting.grant(take(waiting.wish))
      // One that was just passed may have had its last: look from the head again.
      index = 0
    }
  }

  function leaveOn(signal: AbortSignal, waiting: Waiting): void {
    signal.addEventListener(
      'abort',
      () => {
        const index = queue.indexOf(waiting)
        if (index === -1) return
        queue.splice(index, 1)
        waiting.refuse(signal.reason)
        grantWhatFits() // perhaps it was one that nobody passed any more
      },
      { once: true },
    )
  }

  return {
    acquire(wish, signal) {
      if (closed) return Promise.reject(closed)
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (wish.bytes > total.bytes) return Promise.reject(tooLarge(wish, total))
      const clamped = { ...wish, threads: Math.min(wish.threads, total.threads) }
      return new Promise<() => void>((grant, refuse) => {
        const waiting = { wish: clamped, overtaken: 0, grant, refuse }
        enqueue(waiting)
        grantWhatFits()
        if (signal && queue.includes(waiting)) leaveOn(signal, waiting)
      })
    },
    free: () => (queue.length > 0 ? { threads: 0, bytes: 0 } : { threads, bytes }),
    used: () => ({ threads: total.threads - threads, bytes: total.bytes - bytes }),
    waiting: () => queue.length,
    idle: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
    close(reason) {
      closed = reason
      for (const { refuse } of queue.splice(0)) refuse(reason)
    },
  }
}

function tooLarge(wish: Wish, total: Wish): AppError {
  return new AppError(
    'limit_exceeded',
    `The task needs ${wish.bytes} bytes of memory; this process may plan with ${total.bytes}. ` +
      'Make the job smaller, or give the process more memory.',
  )
}
