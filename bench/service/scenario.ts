/**
 * @file What a scenario of `npm run bench:service` is: something that a service has to bear, and the
 * figures that come of it. Each is a file of its own and starts the programs that it needs.
 */
import type { Program } from '../support/program.ts'

export interface Figure {
  readonly measure: string
  readonly value: number
  readonly unit: string
  /** What it should be; empty where nothing was promised. */
  readonly bar: string
}

export interface ScenarioOptions {
  readonly backend: 'redis' | 'postgres'
  /** The built program, on the queue that is measured; stopped after the scenario. */
  start(settings?: Record<string, string>): Promise<Program>
}

/** Figures as they come, so that they are seen while the rest is measured. */
export type Scenario = (options: ScenarioOptions) => AsyncGenerator<Figure>

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
