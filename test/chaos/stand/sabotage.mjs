/** @file What the saboteurs of a process and of its threads have in common. */

/** How an armed thread dies, by number; 0 is not at all. */
export const ways = ['', 'exit', 'throw']

/** Of a job that ends every thread which begins with it. */
export const poisonSeed = 666

/** From now on Date is ahead by what stands in the array. */
export function jumpWith(offsetMs) {
  const now = () => RealDate.now() + offsetMs[0]
  const RealDate = Date
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}
