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
  await expect.poll(() => statements).toHaveLength(2)
  statements[1]?.answer()
  expect(await later).toBe(30)
})

test('waits a little after a statement of many, so that more go in the next', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether)
  const answers = [ask(1), ask(2), ask(3)]
  await tick()
  answers.push(ask(4))
  statements[0]?.answer()
  await answers[0]
  await tick()
  expect(statements).toHaveLength(1)

  answers.push(ask(5))
  await expect.poll(() => statements).toHaveLength(2)
  expect(statements[1]?.asked).toEqual([4, 5])
  statements[1]?.answer()
  await Promise.all(answers)
})

test('keeps those of different keys apart, and does not let them wait for each other', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether, { keyOf: (asked) => (asked % 2 ? 'odd' : 'even') })
  const answers = [ask(1), ask(2), ask(3)]
  await tick()

  expect(statements.map(({ asked }) => asked)).toEqual([[1, 3], [2]])
  for (const { answer } of statements) answer()
  expect(await Promise.all(answers)).toEqual([10, 20, 30])
})

test('puts no more into a statement than it may take', async () => {
  const { statements, askTogether } = aSlowDatabase()
  const ask = gather(askTogether, { atMost: 2 })
  const answers = [ask(1), ask(2), ask(3)]
  await tick()
  statements[0]?.answer()
  await expect.poll(() => statements).toHaveLength(2)
  statements[1]?.answer()

  await Promise.all(answers)
  expect(statements.map(({ asked }) => asked)).toEqual([[1, 2], [3]])
})

test('asks each alone when the statement failed for what one of them asked', async () => {
  const statements: (readonly number[])[] = []
  const askTogether = async (asked: readonly number[]) => {
    statements.push(asked)
    if (asked.includes(2)) throw new Error('refused')
    return asked
  }
  const ask = gather(askTogether, { isOfOne: () => true })
  const answers = await Promise.allSettled([ask(1), ask(2), ask(3)])

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(statements).toEqual([[1, 2, 3], [1], [2], [3]])
})
