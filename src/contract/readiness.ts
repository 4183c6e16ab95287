/**
 * @file Whether a process can do its work, and what of it not: asked by probes of the API and of workers.
 *
 * Without the database nothing works: 503. Without the queue jobs are accepted and wait: degraded.
 */
import type { Readiness } from './health.ts'

export interface ReadinessQuestions {
  /** Asked last: the others may take a while. */
  readonly isDraining: () => boolean
  /** Rejects when the database does not answer. */
  readonly isMigrated: () => Promise<boolean>
  /** Rejects when the queue does not answer. */
  readonly pingQueue: () => Promise<void>
}

type Judged = 'draining' | 'database' | 'schema_ready' | 'queue'

export interface Judgement {
  readonly status: Readiness['status']
  readonly statusCode: 200 | 503
  readonly checks: Pick<Readiness['checks'], Judged>
}

/** A probe wants an answer before it gives up, which is often after a few seconds. */
const patienceMs = 2_000

export async function judgeReadiness(questions: ReadinessQuestions): Promise<Judgement> {
  const { isMigrated, pingQueue } = questions
  const [schema, queueState] = await Promise.all([within(isMigrated()), within(pingQueue())])
  const database = schema === 'down' ? 'down' : 'up'
  const isSchemaReady = schema !== 'down' && schema.answer
  const queue = queueState === 'down' ? 'down' : 'up'
  const isDraining = questions.isDraining()
  const isAble = !isDraining && isSchemaReady
  return {
    status: isAble ? (queue === 'up' ? 'ready' : 'degraded') : 'unavailable',
    statusCode: isAble ? 200 : 503,
    checks: { draining: isDraining, database, schema_ready: isSchemaReady, queue },
  }
}

async function within<T>(question: Promise<T>): Promise<{ readonly answer: T } | 'down'> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<'down'>((resolve) => {
    timer = setTimeout(resolve, patienceMs, 'down')
  })
  const answer = question.then((answer) => ({ answer })).catch(() => 'down' as const)
  return Promise.race([answer, patience]).finally(() => clearTimeout(timer))
}
