import { expect, test } from 'vitest'

import { ConfigError, readConfig } from '../src/config.ts'

test('a misspelt setting of this service stops the start', () => {
  expect(() => readConfig({ TRAINYARD_KERNEL: 'wasm' })).toThrow(ConfigError)
  expect(() => readConfig({ TRAINYARD_KERNEL: 'wasm' })).toThrow(
    /TRAINYARD_KERNEL: .*TRAINYARD_KERNELS/,
  )
})

test('what clients keep in their shells does not', () => {
  const shell = { TRAINYARD_KEY: 'ty_one', TRAINYARD_URL: 'http://127.0.0.1:8080' }
  expect(readConfig(shell)).toEqual(readConfig({}))
})
