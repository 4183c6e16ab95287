/** @file Connections to Postgres are cut at a commit, on either side of it. Beside the stand. */
import { cutCommits, cutsPerRound } from '../cuts/commit-cut.ts'
import { byItself } from './by-itself.ts'
import type { Fault } from './fault.ts'

export const commitCut: Fault = {
  name: 'commit-cut',
  says: 'the connection to Postgres is cut at a commit, before or after it happens',
  asked: '0 twice, 0 lost',
  tries: {
    full: { redis: cutsPerRound * 13, postgres: cutsPerRound * 4 },
    short: { redis: 0, postgres: 0 },
  },
  allowed: [503],
  run: (context) => byItself(context, cutCommits, cutsPerRound),
}
