/** @file Crash points: where they are, how one is armed, and that nobody arms one by accident. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { ConfigError, readConfig } from '../../src/config.ts'
import { armCrashPoint, crashPoint, parseCrashPoint } from '../../src/faults/crash-point.ts'
import { crashPoints, pollingScopes, transactionScopes } from '../../src/faults/crash-points.ts'

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('faults/'))
  .map((file) => readFileSync(join('src', file), 'utf8'))
  .join('\n')

test('every point is somewhere in the program, and every scope is that of a transaction', () => {
  const scopes = [...transactionScopes, ...pollingScopes]
  const isOfScope = (name: string) => scopes.some((each) => name.startsWith(`${each}.`))
  const inSource = (name: string) => sources.includes(`crashPoint('${name}')`)
  const moments = ['connected', 'begun', 'worked', 'commit_sent', 'committed']
  const isMoment = (name: string) => moments.some((each) => name.endsWith(`.${each}`))

  expect(
    crashPoints.filter((name) => !(isOfScope(name) && isMoment(name)) && !inSource(name)),
  ).toEqual([])
  expect(transactionScopes.filter((scope) => !sources.includes(`ool, '${scope}', `))).toEqual([])
  expect(pollingScopes.filter((scope) => !sources.includes(`? '${scope}' : null`))).toEqual([])
  expect(moments.filter((each) => !sources.includes(`}.${each}\`)`))).toEqual([])
})

describe('what is armed', () => {
  test('is killed at the first passing unless it says otherwise', () => {
    expect(parseCrashPoint('answer.committed')).toMatchObject({
      name: 'answer.committed',
      action: 'kill',
      at: 1,
      every: null,
    })
    expect(parseCrashPoint('thread.slice:exit@20/50')).toMatchObject({
      action: 'exit',
      at: 20,
      every: 50,
    })
  })

  test.each(['answer', 'answer.committed@0', 'thread.slice:burn', 'answer.committed@1/0', ''])(
    'is refused where nobody can tell what it means: %s',
    (text) => {
      expect(() => parseCrashPoint(text)).toThrow('Expected a crash point as in')
    },
  )

  test('ends a thread, never a process, with anything but SIGKILL', () => {
    expect(() => parseCrashPoint('answer.committed:throw')).toThrow('only a point of a thread')
  })

  test('crashes at its passings, counted over all threads, and nowhere else', () => {
    const passes = (n: number) =>
      Array.from({ length: n }, () => {
        try {
          crashPoint('thread.slice')
          return 'passed'
        } catch {
          return 'thrown'
        }
      })
    expect(passes(3)).toEqual(['passed', 'passed', 'passed']) // nothing is armed

    const point = parseCrashPoint('thread.slice:throw@2/3')
    armCrashPoint(point)
    crashPoint('thread.started')
    expect(passes(4)).toEqual(['passed', 'thrown', 'passed', 'passed'])
    armCrashPoint({ ...point }) // in the thread that takes the place of the dead one
    expect(passes(4)).toEqual(['thrown', 'passed', 'passed', 'thrown'])

    armCrashPoint(parseCrashPoint('thread.slice:throw@2'))
    expect(passes(4)).toEqual(['passed', 'thrown', 'passed', 'passed'])
  })
})

test('a crash point is a setting of tests alone', () => {
  const setting = { TRAINYARD_CRASH_POINT: 'answer.committed' }

  expect(readConfig({}).crashPoint).toBe(null)
  expect(readConfig({ ...setting, NODE_ENV: 'test' }).crashPoint).toBe('answer.committed')
  for (const environment of [{}, { NODE_ENV: 'production' }, { NODE_ENV: 'development' }]) {
    expect(() => readConfig({ ...setting, ...environment })).toThrow(ConfigError)
  }
  expect(() => readConfig({ TRAINYARD_CRASH: 'x' })).toThrow(
    /^(?![\s\S]*TRAINYARD_CRASH_POINT)[\s\S]*no such setting/,
  )
})
