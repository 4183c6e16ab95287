/** @file A thread that dies in the middle of the job that it follows. */
import type { FollowTask } from '../../../src/contract/tasks.ts'

export default async function die({ leader }: FollowTask): Promise<void> {
  await new Promise((resolve) => leader.once('message', resolve))
  process.exit(1)
}
