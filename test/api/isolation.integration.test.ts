/** @file Nothing crosses projects, also where an id is not in the path. */
import { expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { testApi } from './support/api.ts'
import { aJobOn, storeTable } from './support/jobs.ts'

const { call, createKey, keys, neighborId, projectId, store } = await testApi()
const asNeighbor = { key: keys.neighbor }
const neighborsDataset = await storeTable({ store }, neighborId)
const ownDataset = await storeTable({ store }, projectId)

/** Ids of things and of requests differ by nature. */
const withoutIds = (body: string) => body.replaceAll(/(ds|job|req)_[0-9a-f]{32}/g, '$1')

test.each(['/v1/plans', '/v1/jobs'])(
  '%s: a dataset of another project is one that is not there',
  async (url) => {
    const cases = [
      (id: string) => aJobOn(id),
      (id: string) => ({ ...aJobOn(ownDataset), training: { validation: { dataset: id } } }),
    ]
    for (const spec of cases) {
      const theirs = await call('POST', url, spec(neighborsDataset))
      const nobodys = await call('POST', url, spec(newId('dataset')))
      expect(theirs.statusCode).toBe(404)
      expect(theirs.json().code).toBe('dataset_not_found')
      expect(withoutIds(theirs.body)).toBe(withoutIds(nobodys.body))
    }
  },
)

test('lists and cursors: another project sees nothing, wherever it starts', async () => {
  const mine = (await call('POST', '/v1/jobs', aJobOn(ownDataset))).json().id
  const theirs = (await call('POST', '/v1/jobs', aJobOn(neighborsDataset), asNeighbor)).json().id
  const ids = async (query: string, options = {}) => {
    const answer = await call('GET', `/v1/jobs?${query}`, undefined, options)
    return answer.json().data.map(({ id }: { id: string }) => id)
  }

  for (const query of [
    '',
    `after=${mine}&order=asc`,
    `after=${newId('job')}`,
    `dataset=${ownDataset}`,
  ]) {
    expect(await ids(query, asNeighbor), query).not.toContain(mine)
    expect(await ids(query), query).not.toContain(theirs)
  }
  expect(await ids('')).toContain(mine)
})

test('the same Idempotency-Key in two projects is two keys', async () => {
  const one = await createKey({ projectId, scopes: ['admin'] })
  const other = await createKey({ projectId: neighborId, scopes: ['admin'] })
  const headers = { 'idempotency-key': 'shared' }
  const mine = await call('POST', '/v1/projects', { name: 'a' }, { key: one.secret, headers })
  const theirs = await call('POST', '/v1/projects', { name: 'b' }, { key: other.secret, headers })

  expect([mine.statusCode, theirs.statusCode]).toEqual([201, 201])
  expect(theirs.headers['idempotency-replayed']).toBeUndefined()
  expect(theirs.json().id).not.toBe(mine.json().id)
})
