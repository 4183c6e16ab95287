import { expect, test } from 'vitest'

import { closestName } from '../../../src/api/validation/closest-name.ts'

test('finds the name with one letter wrong, missing, or too many', () => {
  expect(closestName('epoch', ['epochs', 'seed'])).toBe('epochs')
  expect(closestName('batchsize', ['epochs', 'batch_size'])).toBe('batch_size')
  expect(closestName('EPOCHS', ['epochs'])).toBe('epochs')
})

test('prefers the nearest', () => {
  expect(closestName('adam_', ['adamw', 'adam'])).toBe('adamw')
  expect(closestName('columns', ['column', 'columns'])).toBe('columns')
})

test('suggests nothing that is far away', () => {
  expect(closestName('x', ['seed'])).toBeUndefined()
  expect(closestName('callback', ['epochs', 'seed'])).toBeUndefined()
  expect(closestName('e'.repeat(10_000), ['epochs'])).toBeUndefined()
})
