/**
 * @file The jobs of test/fixtures/families under the Node that runs this, from dist/: prints, as JSON, a
 * SHA-256 of the weights and the losses of each, by kernel table and number of threads; and of each once
 * more, gone on with from a checkpoint. Those lie in the folder that is given, where the first Node
 * leaves them for the others. `npm run same-bits` compares what several versions of Node print.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const fromDist = (path) => import(new URL(`../dist/${path}`, import.meta.url))
const { Spec } = await fromDist('contract/spec/spec.js')
const { unpackProgress } = await fromDist('contract/packed-progress.js')
const { checkpointAsks, controlBytes, controlWords } = await fromDist('contract/tasks.js')
const { createDatasetReader } = await fromDist('data/profile/dataset-reader.js')
const { loadKernels } = await fromDist('threads/kernel-backend.js')
const { createThreadPool } = await fromDist('threads/pool.js')

const checkpointFolder = process.argv[2]
const checkpointStep = 7
const folder = join(root, 'test/fixtures/families')
const families = readdirSync(folder).sort().map(readFamily)
const { nativeMissing } = loadKernels('auto')

const hashes = {}
for (const kernels of nativeMissing === null ? ['wasm', 'native'] : ['wasm']) {
  const pool = createThreadPool({ threads: 2, memoryBytes: 1e10, kernels })
  for (const family of families) {
    for (let threads = 1; threads <= family.maxThreads; threads++) {
      const name = `${family.name}, ${kernels}, ${threads}`
      hashes[name] = await train(family, pool, threads)
      hashes[`${name}, resumed`] = await train(family, pool, threads, readCheckpoint(family))
    }
  }
  await pool.stop()
}
console.log(JSON.stringify({ node: process.version, nativeMissing, hashes }))

function readFamily(entry) {
  const {
    file,
    format,
    lines,
    maxThreads = 2,
    spec,
  } = JSON.parse(readFileSync(join(folder, entry), 'utf8'))
  const text = readFileSync(join(root, file), 'utf8')
    .split(/(?<=\n)/)
    .slice(0, lines)
    .join('')
  const bytes = new TextEncoder().encode(text)
  const reader = createDatasetReader(format, { maxColumns: 1000 })
  reader.write(bytes)
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  const data = { format, profile: reader.end().profile, bytes: shared }
  return { name: basename(entry, '.json'), spec: Spec.parse(spec), data, maxThreads }
}

/** The same bits come of a job that takes a checkpoint and of one that goes on from it. */
async function train(family, pool, threads, checkpoint = null) {
  const { port1, port2 } = new MessageChannel()
  const control = new SharedArrayBuffer(controlBytes)
  new Int32Array(control)[controlWords.checkpoint] = checkpointAsks.atMultiple
  const training = { ...family.spec.training, checkpoint_every: checkpointStep }
  const spec = { ...family.spec, training }
  const resume = checkpoint?.files
  const task = { spec, training: family.data, validation: null, control, resume, progress: port2 }
  const result = await pool.train(task, { threads, bytes: 0 })
  if (result.outcome !== 'succeeded') throw new Error(JSON.stringify(result))
  const points = checkpoint ? [...checkpoint.points] : []
  for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1)) {
    const message = unpackProgress(next.message)
    points.push(...message.points)
    if (message.checkpoint && !checkpoint) keepCheckpoint(family, message.checkpoint, points)
  }
  port1.close()
  const losses = JSON.stringify(points)
  return createHash('sha256').update(result.weights).update(losses).digest('hex')
}

function pathOf({ name }, part) {
  return join(checkpointFolder, `${name}.${part}`)
}

function keepCheckpoint(family, { weights, rest }, points) {
  if (existsSync(pathOf(family, 'points'))) return
  writeFileSync(pathOf(family, 'weights'), weights)
  writeFileSync(pathOf(family, 'rest'), rest)
  writeFileSync(pathOf(family, 'points'), JSON.stringify(points))
}

function readCheckpoint(family) {
  const read = (part) => new Uint8Array(readFileSync(pathOf(family, part))).buffer
  const points = JSON.parse(readFileSync(pathOf(family, 'points'), 'utf8'))
  return { files: { weights: read('weights'), rest: read('rest') }, points }
}
