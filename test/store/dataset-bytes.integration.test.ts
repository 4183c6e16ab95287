import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, expect, test } from 'vitest'

import { newId } from '../../src/contract/ids.ts'
import { countDatasetBytes, lockDatasetBytes } from '../../src/store/dataset-bytes.ts'
import { lockProject } from '../../src/store/lock-project.ts'
import { aDataset, aProject, testStore } from './support/seed.ts'

const { store, dispose } = await testStore()
afterAll(dispose)

test('only the datasets of the project count', async () => {
  const [mine, theirs] = [await aProject(store), await aProject(store)]
  await aDataset(store, mine, 'x\n1\n')
  await aDataset(store, mine, 'x\n22\n')
  await aDataset(store, theirs)

  expect(await countDatasetBytes(store.db, mine)).toBe(9)
  expect(await countDatasetBytes(store.db, await aProject(store))).toBe(0)
})

test('who locks second counts what the first has added', async () => {
  const project = await aProject(store)
  let second: Promise<number> | undefined
  await store.transaction(async (transaction) => {
    await lockDatasetBytes(transaction, project)
    second = store.transaction(async (other) => {
      await lockDatasetBytes(other, project)
      return countDatasetBytes(other, project)
    })
    await sleep(100)
    await aDataset(store, project, 'x\n1\n')
  })

  expect(await second).toBe(4)
})

test('the lock holds up nothing else that is made in the project', async () => {
  const project = await aProject(store)
  await store.transaction(async (transaction) => {
    await lockDatasetBytes(transaction, project)
    await store.transaction((other) => lockProject(other, project))
  })
})

test('a project that is not there cannot be locked', async () => {
  const gone = store.transaction((transaction) => lockDatasetBytes(transaction, newId('project')))

  await expect(gone).rejects.toMatchObject({ code: 'project_not_found' })
})
