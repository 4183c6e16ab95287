/** @file What is installed runs where package.json says that we do. */
import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      engines: z.unknown().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
})
const Engines = z.object({ node: z.string() })

/** As far as lockfiles go: `>=22`, `20 || >=22`, `^20.19 || ^22.12`. */
function takesNode20(range: string): boolean {
  return range.split('||').some((part) => {
    const [, operator, major] = /^\s*([~^]|>=?)?\s*v?(\d+)/.exec(part) ?? []
    return Number(major) === 20 || (operator?.startsWith('>') === true && Number(major) < 20)
  })
}

test('no package of the service asks for a newer Node than the service does', () => {
  const { packages } = Lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
  const tooNew = Object.entries(packages).filter(([, { engines, dev, devOptional }]) => {
    const { data } = Engines.safeParse(engines)
    return !dev && !devOptional && data !== undefined && !takesNode20(data.node)
  })
  expect(tooNew.map(([path]) => path)).toEqual([])
})
