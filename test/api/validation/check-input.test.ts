import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { checkInput } from '../../../src/api/validation/check-input.ts'
import type { ErrorItem } from '../../../src/contract/errors.ts'
import { CreateJob } from '../../../src/contract/spec/spec.ts'

const valid = {
  dataset: `ds_${'0'.repeat(32)}`,
  target: { column: 'y' },
  model: { type: 'mlp', hidden: [4] },
}

const withLayer = (layer: object) => ({ model: { type: 'layers', layers: [layer] } })

/** What a client is told about the valid job, changed as given. */
function told(change: object): readonly ErrorItem[] {
  const checked = checkInput(CreateJob, { ...valid, ...change }, 'body')
  return 'error' in checked ? (checked.error.errors ?? []) : []
}

test('a valid body passes, with its defaults', () => {
  const checked = checkInput(CreateJob, valid, 'body')
  expect(checked).toMatchObject({ value: { priority: 0, training: { epochs: 10 } } })
})

test('a number of steps takes the place of the epochs', () => {
  const checked = checkInput(CreateJob, { ...valid, training: { steps: 7 } }, 'body')
  expect('value' in checked && checked.value).toMatchObject({ training: { steps: 7 } })
  expect('value' in checked && checked.value).not.toHaveProperty('training.epochs')
})

describe('each wrong field is named, with what was expected and what came', () => {
  test.each<[string, object, string, string]>([
    ['no value', { model: undefined }, '/model', 'expected an object, got nothing'],
    ['another type', { name: 5 }, '/name', 'expected a string, got 5'],
    ['a fraction', { priority: 0.5 }, '/priority', 'expected a whole number, got 0.5'],
    ['too small', { max_attempts: 0 }, '/max_attempts', 'expected at least 1, got 0'],
    ['too large', { priority: 101 }, '/priority', 'expected at most 100, got 101'],
    ['too short', { name: '' }, '/name', 'expected at least 1 characters, got ""'],
    [
      'too long',
      { name: 'x'.repeat(201) },
      '/name',
      `expected at most 200 characters, got "${'x'.repeat(59)}…`,
    ],
    [
      'not less than',
      { training: { optimizer: { type: 'adam', learning_rate: 0.1, beta1: 1 } } },
      '/training/optimizer/beta1',
      'expected less than 1, got 1',
    ],
    [
      'a list too short',
      { model: { type: 'layers', layers: [] } },
      '/model/layers',
      'expected at least 1 items, got a list of 0',
    ],
    [
      'deep in a list',
      { model: { type: 'mlp', hidden: [4, 'x'] } },
      '/model/hidden/1',
      'expected a number, got "x"',
    ],
    [
      'a word where sides belong',
      withLayer({ type: 'max_pool2d', size: 2, padding: 'same' }),
      '/model/layers/0/padding',
      'expected a number or [height, width], got "same"',
    ],
    [
      'another word than the one that may stand there',
      withLayer({ type: 'conv2d', filters: 1, kernel_size: 3, padding: 'valid' }),
      '/model/layers/0/padding',
      'expected a number, [height, width] or "same", got "valid"',
    ],
    [
      'no sides',
      withLayer({ type: 'conv2d', filters: 1 }),
      '/model/layers/0/kernel_size',
      'expected a number or [height, width], got nothing',
    ],
    [
      'too many sides',
      withLayer({ type: 'conv2d', filters: 1, kernel_size: [3, 3, 3] }),
      '/model/layers/0/kernel_size',
      'expected [height, width], got a list of 3',
    ],
    [
      'one side too small',
      withLayer({ type: 'conv2d', filters: 1, kernel_size: [3, 0] }),
      '/model/layers/0/kernel_size/1',
      'expected at least 1, got 0',
    ],
    [
      'a filler that is no token',
      withLayer({ type: 'embedding', vocabulary: 20, channels: 4, padding_token: 20 }),
      '/model/layers/0/padding_token',
      'expected one of the 20 tokens, from 0 to 19, got 20',
    ],
    [
      'two lengths at once',
      { training: { epochs: 1, steps: 7 } },
      '/training/steps',
      'expected either epochs or steps, got both; leave one out',
    ],
    [
      'no id',
      { training: { validation: { dataset: 'ds_1' } } },
      '/training/validation/dataset',
      'expected an id like ds_ and 32 hex digits, got "ds_1"',
    ],
    [
      'no option',
      { loss: 'mse' },
      '/loss',
      'expected one of "mean_squared_error", "binary_cross_entropy", "categorical_cross_entropy", got "mse"',
    ],
    [
      'a label key',
      { labels: { 'a b': 'x' } },
      '/labels/a b',
      'expected a label key like "team" or "acme/tier"',
    ],
    ['a label value', { labels: { 'a/b': 1 } }, '/labels/a~1b', 'expected a string, got 1'],
    [
      'an unknown name',
      { training: { epoch: 1 } },
      '/training/epoch',
      'there is no property "epoch" here; did you mean "epochs"?',
    ],
    [
      'an unknown name in one of several shapes',
      { model: { type: 'mlp', actvation: 'relu' } },
      '/model/actvation',
      'there is no property "actvation" here; did you mean "activation"?',
    ],
    [
      'a name that belongs to another type',
      { training: { optimizer: { type: 'sgd', learning_rate: 0.1, momentum: 0.9 } } },
      '/training/optimizer/momentum',
      'there is no property "momentum" here; it belongs to the type "momentum" or "nesterov" or "rmsprop"',
    ],
    [
      'a name that is near one of another type',
      { training: { optimizer: { type: 'sgd', learning_rate: 0.1, momentun: 0.9 } } },
      '/training/optimizer/momentun',
      'there is no property "momentun" here',
    ],
    [
      'a name that is near nothing',
      { webhook_url: 'x' },
      '/webhook_url',
      'there is no property "webhook_url" here',
    ],
    [
      'a type that is nearly known',
      { training: { optimizer: { type: 'adamm', learning_rate: 1 } } },
      '/training/optimizer/type',
      'expected one of "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", got "adamm"; did you mean "adam"?',
    ],
    ['neither of two kinds', { dataset: 5 }, '/dataset', 'expected a string or an object, got 5'],
    [
      'one of two kinds, wrong within',
      { dataset: { rows: 'x' } },
      '/dataset/rows',
      'expected a list, got "x"',
    ],
    [
      'the alternative that was meant',
      { target: { column: 'y', task: 'classify' } },
      '/target/task',
      'expected one of "classification", "regression", got "classify"',
    ],
  ])('%s', (_, change, pointer, detail) => {
    expect(told(change)).toMatchObject([{ pointer, detail }])
  })
})

test('all wrong fields are named at once, and the summary counts them', () => {
  const checked = checkInput(CreateJob, { ...valid, name: 5, priority: 'x', nme: 1 }, 'body')
  if (!('error' in checked)) throw new Error('expected a refusal')
  expect(checked.error.errors?.map(({ pointer }) => pointer)).toEqual([
    '/name',
    '/priority',
    '/nme',
  ])
  expect(checked.error.message).toBe('/name: expected a string, got 5 (and 2 more, see "errors").')
})

test('thousands of wrong fields do not make a long answer', () => {
  const exclude = Array.from({ length: 5_000 }, () => 1)
  expect(told({ features: { exclude } })).toHaveLength(50)
})

test('of rows the first that is wrong is named, in its place', () => {
  const rows = [{ x: 1 }, { x: 2, y: {} }, { x: [] }]
  expect(told({ dataset: { rows } })).toMatchObject([{ pointer: '/dataset/rows/1/y' }])
  expect(told({ dataset: { rows: [{ x: 1 }, 5, null] } })).toMatchObject([
    { pointer: '/dataset/rows/1' },
  ])
  expect(told({ dataset: { rows: [] } })).toMatchObject([{ pointer: '/dataset/rows' }])
})

test('a missing body is said to be missing', () => {
  const checked = checkInput(CreateJob, undefined, 'body')
  expect(checked).toMatchObject({
    error: { message: 'The body: expected an object, got nothing.' },
  })
})

test('pointers outside the body say where', () => {
  const schema = z.strictObject({ limit: z.coerce.number().int() })
  expect(checkInput(schema, { limit: 'x' }, 'querystring')).toMatchObject({
    error: { errors: [{ pointer: '/query/limit' }] },
  })
  expect(checkInput(schema, { limit: 'x' }, 'params')).toMatchObject({
    error: { errors: [{ pointer: '/path/limit' }] },
  })
})

test('a type that cannot be made a text is refused like any other', () => {
  const [first] = told({ model: { type: { toString: 1 } } })
  expect(first.detail).toMatch(/^expected one of "mlp".*, got an object$/)
})
