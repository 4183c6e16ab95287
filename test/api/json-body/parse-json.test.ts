import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseJson } from '../../../src/api/json-body/parse-json.ts'
import { AppError } from '../../../src/contract/errors.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

/** The error of a text that must be refused. */
function refusal(bytes: string | Buffer): AppError {
  try {
    parseJson(Buffer.from(bytes))
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_json') return error
    throw error
  }
  throw new Error('expected a refusal')
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('is JSON.parse for everything that can be kept', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/__proto__|constructor/.test(JSON.stringify(value))) // see below
      expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('takes what only looks forbidden', () => {
  expect(parse(String.raw`{"a":"\\u0000","b":"😀","c":"😀"}`)).toEqual({
    a: '\\u0000',
    b: '😀',
    c: '😀',
  })
  expect(parse('{"constructor":"x","prototype":{"y":1}}')).toEqual({
    constructor: 'x',
    prototype: { y: 1 },
  })
  expect(parse('["[[[[","\\"[[[["]')).toEqual(['[[[[', '"[[[['])
  expect(parse('{"a":1,"a":2}')).toEqual({ a: 2 })
  expect(parse('[1e308,-0,5e-324]')).toEqual([1e308, -0, 5e-324])
})

test('takes 64 levels and refuses 65', () => {
  expect(parse(deep(64))).toBeDefined()
  expect(refusal(deep(65)).message).toContain('64 levels')
})

test('an empty body is no value', () => {
  expect(parse('')).toBeUndefined()
})

describe('refuses', () => {
  test.each([
    ['nothing but spaces', ' '],
    ['a broken object', '{"a":'],
    ['two values', '{} {}'],
    ['NaN', '[NaN]'],
    ['Infinity', '[Infinity]'],
    ['a comment', '{/* */}'],
    ['a trailing comma', '[1,]'],
    ['a byte order mark twice', '\ufeff\ufeff{}'],
    ['200,000 levels', deep(200_000)],
    ['200,000 open objects', '{"a":'.repeat(200_000)],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['a raw NUL', '"a\u0000"'],
  ])('%s', (_, bytes) => {
    expect(refusal(bytes).errors).toBeUndefined()
  })

  test.each([
    ['NUL in text', String.raw`{"a":["x","\u0000"]}`, '/a/1'],
    ['NUL in a name', String.raw`{"a\u0000":1}`, '/a\u0000'],
    ['half of a pair', String.raw`{"a":"\ud83d"}`, '/a'],
    ['halves in the wrong order', String.raw`{"a":"\ude00\ud83d"}`, '/a'],
    ['half of a pair in a name', String.raw`{"\ud83d":1}`, '/\ufffd'],
    ['a number beyond a double', '{"a":{"b":1e999}}', '/a/b'],
    ['a number below minus a double', '[-1e999]', '/0'],
    ['400 digits', `[${'9'.repeat(400)}]`, '/0'],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', '/a/__proto__'],
    ['__proto__ in disguise', String.raw`{"\u005f_proto__":1}`, '/__proto__'],
    ['constructor.prototype', '{"constructor":{"prototype":{"x":1}}}', '/constructor'],
  ])('%s, and says where', (_, text, pointer) => {
    expect(refusal(text).errors?.[0].pointer).toBe(pointer)
  })
})
