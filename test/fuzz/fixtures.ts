/**
 * @file What there must be for a request to find something: datasets of each kind, jobs that have ended
 * in different ways, and keys of others. Made through the API, and made again now and then, for the
 * fuzzer also removes things.
 */
import { projectScopes } from '../../src/contract/tenancy.ts'
import { idxFile, joined } from '../support/idx.ts'
import type { Caller } from './generate/request.ts'
import type { KnownIds } from './known-ids.ts'
import type { Sender } from './send.ts'

export type Keys = Readonly<Record<Exclude<Caller, 'nobody'>, string>>

interface Client {
  readonly sender: Sender
  readonly key: string
  readonly ids: KnownIds
}

const asJson = { 'content-type': 'application/json' }

async function post(client: Client, path: string, body: object | string, headers = asJson) {
  const { status, text } = await client.sender.send({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${client.key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  if (status >= 400) throw new Error(`The fixture ${path} was refused with ${status}: ${text}`)
  const made: { id: string; secret?: string } = JSON.parse(text)
  return { ...made, text }
}

/** The fuzzer must not revoke its own keys, nor remove the projects that they belong to. */
export async function makeKeys(client: Client): Promise<Keys> {
  const { sender, key, ids } = client
  const projects = await sender.send({
    method: 'GET',
    url: '/v1/projects',
    headers: { authorization: `Bearer ${key}` },
    body: undefined,
  })
  const [{ id: own }]: { id: string }[] = JSON.parse(projects.text).data
  const neighbor = await post(client, '/v1/projects', { name: 'neighbor' })
  const readable = projectScopes.filter((scope) => scope.endsWith(':read'))
  const keyOf = (project: string, scopes: readonly string[]) =>
    post(client, '/v1/api-keys', { name: 'fuzz', project, scopes })
  const made = {
    reader: await keyOf(own, readable),
    neighbor: await keyOf(neighbor.id, projectScopes),
  }
  ids.spare(own, neighbor.id, made.reader.id, made.neighbor.id, `key_${key.split('_')[1]}`)
  return {
    owner: key,
    reader: made.reader.secret ?? '',
    neighbor: made.neighbor.secret ?? '',
    broken: `${key.slice(0, -1)}x`,
  }
}

const table = 'a,b,y,kind\n0,0,0,x\n0,1,1,z\n1,0,1,x\n1,1,0,z\n'
const text = 'To be, or not to be: that is the question.\n'.repeat(5)

export async function makeThings(client: Client): Promise<void> {
  const { ids } = client
  const learn = async (made: Promise<{ id: string; text: string }>) => {
    const { id, text } = await made
    ids.learn(text)
    return id
  }
  const ofTable = await learn(
    post(client, '/v1/datasets?name=table', table, { 'content-type': 'text/csv' }),
  )
  const ofText = await learn(
    post(client, '/v1/datasets?name=text', text, { 'content-type': 'text/plain' }),
  )
  await learn(uploadImages(client))
  await learn(post(client, '/v1/projects', { name: 'another' }))

  const onTable = {
    dataset: ofTable,
    target: { column: 'y' },
    model: { type: 'mlp', hidden: [4] },
    training: { epochs: 3, batch_size: 'full' },
  }
  const onText = {
    dataset: ofText,
    text: { context: 4 },
    model: { type: 'gpt', layers: 1, heads: 1, channels: 8 },
    training: { steps: 2, batch_size: 2 },
  }
  const patient = { ...asJson, prefer: 'wait=30' }
  await makeCheckpoint(client, () =>
    learn(post(client, '/v1/jobs', { ...onTable, training: untilOneIsKept }, patient)),
  )
  await learn(post(client, '/v1/jobs', onTable, patient))
  await learn(post(client, '/v1/jobs', onText, patient))
  const cancelled = await learn(post(client, '/v1/jobs', onTable))
  await post(client, `/v1/jobs/${cancelled}/cancel`, '').catch(() => {}) // it may have ended
}

/** Some 10 ms; the thread is asked for a checkpoint within 1 ms of the start, unless it has no core. */
const untilOneIsKept = { steps: 8_000, batch_size: 1, report_every: 100, checkpoint_every: 1 }
const checkpointTries = 20

/** A job may end before it is asked for one: then another is made. */
async function makeCheckpoint(client: Client, train: () => Promise<string>): Promise<void> {
  for (let i = 0; i < checkpointTries; i++) {
    if ((await learnCheckpoints(client, await train())) > 0) return
  }
  throw new Error(`None of ${checkpointTries} jobs has kept a checkpoint.`)
}

/** How many it has. */
async function learnCheckpoints({ sender, key, ids }: Client, jobId: string): Promise<number> {
  const { text } = await sender.send({
    method: 'GET',
    url: `/v1/jobs/${jobId}/checkpoints`,
    headers: { authorization: `Bearer ${key}` },
    body: undefined,
  })
  const { data }: { data: { id: string }[] } = JSON.parse(text)
  for (const { id } of data) ids.learnCheckpoint(id, jobId)
  return data.length
}

function uploadImages(client: Client) {
  const part = (name: string) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"; filename="${name}.idx"\r\n\r\n`
  const bytes = (text: string) => new TextEncoder().encode(text)
  const form = joined(
    bytes(part('images')),
    idxFile([2, 1, 2], [0, 100, 50, 0]),
    bytes(`\r\n${part('labels')}`),
    idxFile([2], [1, 2]),
    bytes('\r\n--x--\r\n'),
  )
  // Latin-1 text has the same bytes only when none is above 127: all of these are.
  return post(client, '/v1/datasets?name=images', Buffer.from(form).toString('latin1'), {
    'content-type': 'multipart/form-data; boundary=x',
  })
}
