/**
 * @file Several threads for one job: one leads, the others follow. They end together: when one of them
 * dies, the control block tells the others not to wait for it.
 */
import { MessageChannel } from 'node:worker_threads'

import { controlWords, type FollowTask, type TrainTask } from '../contract/tasks.ts'
import { type MovingPart, movingPartsOf } from './moving-parts.ts'

/** Runs one task on one thread; `moving` goes there. */
export type RunOnThread = <Result>(
  kind: 'train' | 'follow',
  task: object,
  moving: readonly MovingPart[],
) => Promise<Result>

/** Resolves with what the leading thread returns. Rejects once all have ended, if one of them died. */
export async function runTeam<Result>(
  task: TrainTask,
  count: number,
  run: RunOnThread,
): Promise<Result> {
  const channels = Array.from({ length: count - 1 }, () => new MessageChannel())
  const followers = channels.map(({ port1 }) => port1)
  const leading = run<Result>('train', { ...task, followers }, [
    ...movingPartsOf(task),
    ...followers,
  ])
  const following = channels.map(({ port2: leader }, i) => {
    const follow: FollowTask = {
      spec: task.spec,
      profiles: [task.training.profile, task.validation?.profile ?? null],
      control: task.control,
      bytes: task.bytes,
      index: i + 1,
      count,
      leader,
    }
    return run<void>('follow', follow, [leader])
  })

  // Where it has failed before it had them, nobody else would close them.
  leading.catch(() => {
    for (const port of followers) port.close()
  })
  const all = [leading, ...following]
  const control = new Int32Array(task.control)
  for (const each of all) each.catch(() => Atomics.store(control, controlWords.broken, 1))
  await Promise.allSettled(all)
  await Promise.all(following)
  return leading
}
