/**
 * @file Processes die at named points: at each await of POST /v1/jobs, and of a run's life. Beside the
 * stand, with processes that are armed one by one.
 */
import { crashLives, lifeCrashes } from '../crashes/life-points.ts'
import { crashPosts, postPoints } from '../crashes/post-points.ts'
import { byItself } from './by-itself.ts'
import type { Fault } from './fault.ts'

export const postCrashPoints: Fault = {
  name: 'crash-points-post',
  says: `the api dies at each of ${postPoints.length} points of POST /v1/jobs`,
  asked: 'with the same Idempotency-Key one job; begins ≤ 5 s',
  tries: {
    full: { redis: postPoints.length * 20, postgres: postPoints.length * 5 },
    short: { redis: 0, postgres: 0 },
  },
  allowed: [],
  run: (context) => byItself(context, crashPosts, postPoints.length),
}

export const runCrashPoints: Fault = {
  name: 'crash-points-run',
  says: `a process dies at each point of a run's life, under ${lifeCrashes.length} circumstances`,
  asked: 'I1 to I6; the same bits',
  tries: {
    full: { redis: lifeCrashes.length * 2, postgres: lifeCrashes.length },
    short: { redis: 0, postgres: 0 },
  },
  allowed: [],
  run: (context) => byItself(context, crashLives, lifeCrashes.length),
}
