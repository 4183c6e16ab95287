/** @file How a Redis must be set that hands out messages. */
import type { RedisFacts } from '../../queue/describe-redis.ts'
import { type Finding, failed, ok, warning } from './finding.ts'

export function examineRedis({
  version,
  evictionPolicy,
  hasAppendOnlyFile,
}: RedisFacts): Finding[] {
  return [
    ok('redis', version),
    evictionPolicy === 'noeviction'
      ? ok('maxmemory-policy', evictionPolicy)
      : failed(
          'maxmemory-policy',
          evictionPolicy,
          'Expected noeviction: any other removes messages when memory is full.',
        ),
    hasAppendOnlyFile
      ? ok('appendonly', 'yes')
      : warning(
          'appendonly',
          'no',
          'Expected yes: a restart forgets all messages, and they are sent again from Postgres.',
        ),
  ]
}
