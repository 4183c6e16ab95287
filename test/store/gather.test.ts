import { expect, test } from 'vitest'

import { gather } from '../../src/store/gather.ts'

/** Answers a statement only when told to, and keeps what each was asked. */
function aSlowDatabase() {
  const statements: { asked: readonly number[]; answer: (error?: Error) => void }[] = []
  const askTogether = (asked: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      const answer = (error?: Error) => (error ? reject(error) : resolve(asked.map((n) => n * 10)))
      statements.push({ asked, answer })
    })
  return { statements, askTogether }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

test('asks at once, and together what comes meanwhile; each gets its own answer', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether)
  const first = ask(1)
  await tick()
  const others = [ask(2), ask(3)]
  await tick()
  expect(statements.map(({ asked }) => asked)).toEqual([[1]])

  statements[0]?.answer()
  expect(await first).toBe(10)
  await tick()
  expect(statements.map(({ asked }) => asked)).toEqual([[1], [2, 3]])
  statements[1]?.answer()
  expect(await Promise.all(others)).toEqual([20, 30])
})

test('asks once for what one turn of a caller asks', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether)
  const both = Promise.all([ask(1), ask(2)])
  await tick()

  expect(statements.map(({ asked }) => asked)).toEqual([[1, 2]])
  statements[0]?.answer()
  await both
})

test('gives an error to all who asked in that statement, and goes on', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether)
  const failing = Promise.allSettled([ask(1), ask(2)])
  await tick()
  const later = ask(3)
  statements[0]?.answer(new Error('away'))

  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await tick()
  statements[1]?.answer()
  expect(await later).toBe(30)
})
