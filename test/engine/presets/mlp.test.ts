import { expect, test } from 'vitest'

import { mlp } from '../../../src/engine/index.ts'

function typesOf(network: ReturnType<typeof mlp>): string[] {
  return network.layers.map(({ definition }) => definition.type)
}

test('an activation, and dropout if asked for, between each two dense layers', () => {
  const network = mlp({
    hidden: [4, 3],
    activation: 'gelu',
    dropout: 0.1,
    outputs: 2,
    outputActivation: 'softmax',
  })

  expect(typesOf(network)).toEqual([
    'dense',
    'gelu',
    'dropout',
    'dense',
    'gelu',
    'dropout',
    'dense',
    'softmax',
  ])
  expect(network.plan([5], 1, 'training').parameters.map(({ shape }) => shape)).toEqual([
    [4, 5],
    [4],
    [3, 4],
    [3],
    [2, 3],
    [2],
  ])
})

test('without hidden layers it is a linear model', () => {
  expect(typesOf(mlp({ hidden: [], activation: 'relu', outputs: 1 }))).toEqual(['dense'])
})

test('a dropout rate that is none is refused', () => {
  const options = { hidden: [2], activation: 'relu' as const, outputs: 1 }
  expect(() => mlp({ ...options, dropout: -0.1 })).toThrow('dropout: rate')
})
