import { expect, test } from 'vitest'

import { EmbeddedPostgresError, explainRefusal } from '../../src/embedded/errors.ts'

test.each([
  ['EACCES', 'this user may not use it'],
  ['EROFS', 'its file system is read-only'],
  ['ENOSPC', 'the disk is full'],
])('%s names the folder, the reason and the setting', (code, reason) => {
  const refused = Object.assign(new Error(`${code}: open '/data/postgres.log'`), { code })

  const explained = explainRefusal(refused, '/data')

  expect(explained).toBeInstanceOf(EmbeddedPostgresError)
  expect(String(explained)).toContain(`The data folder /data cannot be used: ${reason} (${code}: `)
  expect(String(explained)).toContain('set TRAINYARD_DATA')
})

test('what is not of the file system stays as it is', () => {
  const defect = new TypeError('a defect')
  const network = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(explainRefusal(defect, '/data')).toBe(defect)
  expect(explainRefusal(network, '/data')).toBe(network)
})
