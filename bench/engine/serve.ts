/**
 * @file What every contender in JavaScript is, ours and the peers': a process that answers, line by
 * line, how long a step takes. peers/serve.py is the same for those in Python.
 *
 * It first says who it is and which workloads it has. Then each line of stdin names a workload by its
 * letter, and each answer on stdout is one timed round of it.
 */
import { createInterface } from 'node:readline'

export interface Hello {
  readonly name: string
  readonly version: string
}

/** Does that many steps. */
export type StepRunner = (steps: number) => void

export type Workloads = Readonly<Record<string, () => StepRunner | Promise<StepRunner>>>

export type Answer =
  | { readonly ms: number; readonly steps: number } // milliseconds of one step, steps in the round
  | { readonly error: string }

/** Long against the clock and the scheduler, short against the machine's fast and slow phases. */
const roundMs = 400

export async function serve(hello: Hello, workloads: Workloads): Promise<void> {
  const say = (value: Answer | object) => process.stdout.write(`${JSON.stringify(value)}\n`)
  console.log = console.error // what libraries print must not be taken for an answer
  say({ ...hello, workloads: Object.keys(workloads) })
  const prepare = keepingTheLast(workloads)
  for await (const letter of createInterface({ input: process.stdin })) {
    try {
      const { run, steps } = await prepare(letter)
      say({ ms: timed(run, steps) / steps, steps })
    } catch (error) {
      say({ error: String(error) })
    }
  }
}

interface Prepared {
  readonly run: StepRunner
  /** In a round. */
  readonly steps: number
}

/** What was prepared for one workload goes when another is asked for: some take a gigabyte. */
function keepingTheLast(workloads: Workloads): (letter: string) => Promise<Prepared> {
  let kept: (Prepared & { letter: string }) | null = null
  return async (letter) => {
    if (kept?.letter === letter) return kept
    kept = null
    const run = await workloads[letter]()
    kept = { letter, run, steps: stepsInARound(run) }
    return kept
  }
}

function stepsInARound(run: StepRunner): number {
  run(2) // the first steps compile and allocate
  let steps = 1
  let ms = timed(run, steps)
  while (ms < roundMs / 4) {
    steps *= 2
    ms = timed(run, steps)
  }
  return Math.max(1, Math.round((steps * roundMs) / ms))
}

function timed(run: StepRunner, steps: number): number {
  const startedAtMs = performance.now()
  run(steps)
  return performance.now() - startedAtMs
}
