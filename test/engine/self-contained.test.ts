/** @file What keeps the engine a library, and its bits the same everywhere, read from its sources. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const sources = readdirSync('src/engine', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join('src/engine', file), 'utf8') }))

/** The code alone: comments may speak of anything. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}

/** Every match of `pattern` in the engine's code, with its file. */
function findInCode(pattern: RegExp): string[] {
  return sources.flatMap(({ file, text }) =>
    [...codeOf(text).matchAll(pattern)].map(([found]) => `${file}: ${found}`),
  )
}

test('there is an engine to read', () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(findInCode(/Math\.sqrt/g).length).toBeGreaterThan(0)
})

test('of Math only what is exact on every machine is used', () => {
  const allowed = 'sqrt|fround|abs|min|max|floor|ceil|trunc|imul'
  expect(findInCode(new RegExp(`Math(?!\\.(?:${allowed})\\b).{0,20}`, 'g'))).toEqual([])
})

test('there are no powers, clocks, or sources of chance', () => {
  expect(findInCode(/\*\*|\bDate\b|performance\b|crypto\b|setTimeout|process\b/g)).toEqual([])
})

test('nothing outside the engine is imported', () => {
  const imports = findInCode(/(?:from|import)\s*\(?\s*'[^']+'/g)
  const outside = imports.filter((found) => !/'\.{1,2}\//.test(found))
  const depth = (file: string) => file.split('/').length - 1
  const above = imports.filter((found) => {
    const [file] = found.split(': ')
    return (found.match(/\.\.\//g) ?? []).length > depth(file)
  })

  expect(imports.length).toBeGreaterThan(100)
  expect([...outside, ...above]).toEqual([])
})

test('no file is longer than 400 lines', () => {
  const long = sources.filter(({ text }) => text.split('\n').length > 400)
  expect(long.map(({ file }) => file)).toEqual([])
})
