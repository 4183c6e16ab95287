/** @file TensorFlow.js on its WebAssembly backend, one thread: a tape for each step, as it trains. */
import { dirname, sep } from 'node:path'

import { serve } from '../serve.ts'
import { requirePeer } from './require-peer.mjs'

const tf = requirePeer('@tensorflow/tfjs')
const { setWasmPaths } = requirePeer('@tensorflow/tfjs-backend-wasm')
setWasmPaths(dirname(requirePeer.resolve('@tensorflow/tfjs-backend-wasm')) + sep)
await tf.setBackend('wasm')

const dense = (inputs, outputs) => ({
  w: tf.variable(tf.randomNormal([inputs, outputs], 0, inputs ** -0.5)),
  b: tf.variable(tf.zeros([outputs])),
})
const apply = ({ w, b }, x) => tf.add(tf.matMul(x, w), b)

const training = (optimizer, loss) => (steps) => {
  for (let i = 0; i < steps; i++) {
    const value = optimizer.minimize(loss, true)
    value.dataSync()
    value.dispose()
  }
}

function xor() {
  const [first, second] = [dense(2, 2), dense(2, 1)]
  const x = tf.tensor2d([0, 0, 0, 1, 1, 0, 1, 1], [4, 2])
  const y = tf.tensor2d([0, 1, 1, 0], [4, 1])
  const output = () => tf.sigmoid(apply(second, tf.sigmoid(apply(first, x))))
  return training(tf.train.sgd(0.5), () => tf.mean(tf.square(tf.sub(output(), y))))
}

function regression() {
  const [first, second] = [dense(10, 20), dense(20, 5)]
  const [x, y] = [tf.randomNormal([10, 10]), tf.randomNormal([10, 5])]
  const output = () => apply(second, tf.relu(apply(first, x)))
  return training(tf.train.sgd(0.01), () => tf.mean(tf.square(tf.sub(output(), y))))
}

function mlp() {
  const [first, second, third] = [dense(784, 512), dense(512, 256), dense(256, 10)]
  const x = tf.randomUniform([128, 784])
  const classes = tf.tensor1d(
    Array.from({ length: 128 }, (_, row) => row % 10),
    'int32',
  )
  const y = tf.cast(tf.oneHot(classes, 10), 'float32')
  const logits = () => apply(third, tf.relu(apply(second, tf.relu(apply(first, x)))))
  return training(tf.train.adam(1e-3), () => tf.losses.softmaxCrossEntropy(y, logits()))
}

const { version } = requirePeer('@tensorflow/tfjs/package.json')
await serve({ name: 'TensorFlow.js wasm', version }, { a: xor, b: regression, c: mlp })
