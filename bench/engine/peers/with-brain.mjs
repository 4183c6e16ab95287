/** @file brain.js: whole runs of its `train`. A step is an epoch, in which it updates after every row. */
import { serve } from '../serve.ts'
import { requirePeer } from './require-peer.mjs'

const { NeuralNetwork } = requirePeer('brain.js')

const training = (options, rows) => (steps) => {
  // It insists on a threshold; this one is not reached.
  new NeuralNetwork(options).train(rows, { iterations: steps, errorThresh: Number.MIN_VALUE })
}

function xor() {
  const rows = [
    { input: [0, 0], output: [0] },
    { input: [0, 1], output: [1] },
    { input: [1, 0], output: [1] },
    { input: [1, 1], output: [0] },
  ]
  return training({ hiddenLayers: [2], activation: 'sigmoid', learningRate: 0.5 }, rows)
}

function regression() {
  const draw = (length) => Array.from({ length }, Math.random)
  const rows = Array.from({ length: 10 }, () => ({ input: draw(10), output: draw(5) }))
  return training({ hiddenLayers: [20], activation: 'relu', learningRate: 0.01 }, rows)
}

const { version } = requirePeer('brain.js/package.json')
await serve({ name: 'brain.js', version }, { a: xor, b: regression })
