import { expect, test } from 'vitest'

import { inDependencyOrder } from '../../src/store/dependency-order.ts'

const table = (name: string, ...refersTo: string[]) => ({ name, refersTo })
const names = (tables: { name: string }[]) => tables.map(({ name }) => name)

test('a table comes after all that its foreign keys name, through any number of steps', () => {
  const ordered = inDependencyOrder([table('c', 'b', 'a'), table('b', 'a'), table('a'), table('d')])

  expect(names(ordered)).toEqual(['a', 'd', 'b', 'c'])
})

test('a table may refer to itself', () => {
  expect(names(inDependencyOrder([table('node', 'node')]))).toEqual(['node'])
})

test('a circle is refused, and named', () => {
  expect(() => inDependencyOrder([table('a', 'b'), table('b', 'a'), table('c')])).toThrow(
    'circle: a, b.',
  )
})
