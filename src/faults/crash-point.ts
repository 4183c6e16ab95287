/**
 * @file A place where a test can make this process die. Nothing happens there unless the program was
 * started with a point armed, which config.ts allows in tests alone; no request can arm one.
 *
 * Armed is one point, as `answer.committed`, `run.claimed@3`, `thread.slice:exit@20/50`: what it does
 * (`kill` unless said), at which passing (the first), and again after how many more (never). Passings
 * are counted over all threads of the process, so that one that takes a dead one's place does not die too.
 */
import { type CrashPoint, crashPoints, threadPoints } from './crash-points.ts'

/** `throw` and `exit` end a thread's task, or the thread; `kill` is SIGKILL to the whole process. */
const actions = ['kill', 'throw', 'exit'] as const

export type CrashAction = (typeof actions)[number]

/** Goes to threads as it is. */
export interface ArmedPoint {
  readonly name: CrashPoint
  readonly action: CrashAction
  readonly at: number
  /** null: once. */
  readonly every: number | null
  readonly passings: SharedArrayBuffer
}

let armed: ArmedPoint | undefined

/** For this process, or this thread, from now on. */
export function armCrashPoint(point: ArmedPoint): void {
  armed = point
}

/** What a thread that is started is to be told. */
export function armedCrashPoint(): ArmedPoint | undefined {
  return armed
}

/** While nothing is armed, this is one comparison. */
export function crashPoint(name: CrashPoint): void {
  if (armed !== undefined && armed.name === name) pass(armed)
}

function pass({ name, action, at, every, passings }: ArmedPoint): void {
  const passing = Atomics.add(new Int32Array(passings), 0, 1) + 1
  const isDue = every === null ? passing === at : passing >= at && (passing - at) % every === 0
  if (!isDue) return
  if (action === 'throw') throw new Error(`Crash point ${name}, passing ${passing}.`)
  if (action === 'exit') process.exit(1)
  process.kill(process.pid, 'SIGKILL')
}

/** Errors: Error, for one that is not to be understood, with what was expected. */
export function parseCrashPoint(text: string): ArmedPoint {
  const [, point, asked = 'kill', at = '1', every] =
    /^([\w.]+)(?::(\w+))?(?:@([1-9]\d{0,8}))?(?:\/([1-9]\d{0,8}))?$/.exec(text) ?? []
  const name = crashPoints.find((each) => each === point)
  const action = actions.find((each) => each === asked)
  if (!name || !action) {
    throw new Error(
      `Expected a crash point as in answer.committed or thread.slice:exit@20/50, got ${JSON.stringify(text)}. The points are ${crashPoints.join(', ')}.`,
    )
  }
  if (action !== 'kill' && !threadPoints.some((each) => each === name)) {
    throw new Error(`Crash point ${name}: only a point of a thread can ${action}; others kill.`)
  }
  return {
    name,
    action,
    at: Number(at),
    every: every === undefined ? null : Number(every),
    passings: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
  }
}
