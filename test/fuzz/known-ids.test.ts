import { expect, test } from 'vitest'

import { createKnownIds, placeOf } from './known-ids.ts'

const idOf = (prefix: string, digit: string) => `${prefix}_${digit.repeat(32)}`

test('a checkpoint is given out with its job, and a job alone by chance', () => {
  const ids = createKnownIds()
  ids.learn(`[{"id":"${idOf('job', '1')}"},{"id":"${idOf('job', '2')}"}]`)
  ids.learnCheckpoint(idOf('ckpt', 'a'), idOf('job', '1'))
  ids.learnCheckpoint(idOf('ckpt', 'b'), idOf('job', '2'))
  const [job, checkpoint] = [placeOf('job', 0), placeOf('ckpt', 1)]

  expect(ids.fill(`${job}/${checkpoint}`)).toBe(`${idOf('job', '2')}/${idOf('ckpt', 'b')}`)
  expect(ids.fill(job)).toBe(idOf('job', '1'))
})
