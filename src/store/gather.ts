/**
 * @file Asks Postgres for many at once: what is asked while a statement is under way goes together in
 * the next one. So an idle service answers at once, and a busy one sends few statements, each of
 * which costs the event loop more than another row in it.
 */

/** Answers in the order of what was asked, one each. */
export type AskTogether<Asked, Answer> = (asked: readonly Asked[]) => Promise<readonly Answer[]>

/** An error of the statement is an error for all who asked in it. */
export function gather<Asked, Answer>(
  askTogether: AskTogether<Asked, Answer>,
): (asked: Asked) => Promise<Answer> {
  interface Waiting {
    readonly asked: Asked
    readonly resolve: (answer: Answer) => void
    readonly reject: (reason: unknown) => void
  }
  let waiting: Waiting[] = []
  let underWay = false

  async function askAll(): Promise<void> {
    while (waiting.length > 0) {
      const together = waiting
      waiting = []
      try {
        const answers = await askTogether(together.map(({ asked }) => asked))
        for (const [i, { resolve }] of together.entries()) resolve(answers[i])
      } catch (error) {
        for (const { reject } of together) reject(error)
      }
    }
    underWay = false
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject })
      if (underWay) return
      underWay = true
      // After this turn of the caller, who may have more to ask.
      queueMicrotask(askAll)
    })
}
