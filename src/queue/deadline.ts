/** @file A promise that must settle in time: BullMQ's calls can wait for ever on a server that is away. */

export async function withDeadline<T>(
  promise: Promise<T>,
  withinMs: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${withinMs} ms.`)), withinMs)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}
