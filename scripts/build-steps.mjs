/**
 * @file From sources to dist/: the Prisma client, the kernels, then tsc. Each step keeps the hash of what
 * it was made from, so it runs only when that has changed. Nothing is downloaded.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { buildNativeKernels, buildWasmKernels, lacksCompiler } from './build-kernels.mjs'

const require = createRequire(import.meta.url)
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const buildTools = [
  'typescript',
  'prisma',
  'assemblyscript',
  'binaryen',
  'node-api-headers',
  '@types/node',
  '@types/pg',
  '@types/pg-copy-streams',
]

/** Another version of a tool may write something else. */
const lock = join(root, 'package-lock.json')
const schema = join(root, 'prisma/schema.prisma')
const generated = join(root, 'src/store/generated')
const kernels = join(root, 'src/engine/kernels')
const generatedKernels = join(kernels, 'generated')
const kernelScripts = ['build-kernels.mjs', 'add-signatures.mjs'].map((name) =>
  join(root, 'scripts', name),
)
const dist = join(root, 'dist')

/** Something that the person at the terminal can mend: printed without a stack. */
export class BuildError extends Error {
  name = 'BuildError'
}

/** Brings dist/ up to date. An image or archive without sources is taken as it is. */
export function build() {
  if (!existsSync(join(root, 'src')) && existsSync(join(dist, 'main.js'))) return
  generate()
  const hash = hashOf([...sources(), ...filesUnder(generatedKernels)])
  if (hash === readStamp(dist)) return

  requireBuildTools()
  console.log('Building ...')
  // Beside the old one, and swapped at the end: a build that fails leaves what works.
  const partial = `${dist}.${process.pid}.partial`
  try {
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    run([tsc, '-p', 'tsconfig.build.json', '--outDir', partial], 'The sources do not compile.')
    cpSync(generatedKernels, join(partial, 'engine/kernels/generated'), { recursive: true })
    writeStamp(partial, hash)
    rmSync(dist, { recursive: true, force: true })
    renameSync(partial, dist)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Makes what the sources import but git does not hold. */
export function generate() {
  generateClient()
  generateKernels()
}

function generateKernels() {
  const inputs = [...filesUnder(kernels).filter((path) => /\/(assembly|native)\//.test(path))]
  const hash = hashOf([...inputs, ...kernelScripts, lock])
  if (hash === readStamp(generatedKernels)) {
    if (lacksCompiler() && isInstalled('node-api-headers')) buildNativeKernels()
    return
  }
  requireBuildTools()
  console.log('Building the kernels ...')
  const complaint = buildWasmKernels()
  if (complaint !== null)
    throw new BuildError(`${complaint}\nThe WebAssembly kernels do not compile.`)
  buildNativeKernels()
  writeStamp(generatedKernels, hash)
}

/** The Prisma client, in src/store/generated. */
function generateClient() {
  const hash = hashOf([schema, lock])
  if (hash === readStamp(generated)) return
  requireBuildTools()
  console.log('Generating the database client ...')
  run(
    [join(root, 'scripts/prisma.mjs'), 'generate', '--no-hints'],
    'prisma/schema.prisma does not generate a client.',
  )
  writeStamp(generated, hash)
}

function requireBuildTools() {
  const missing = buildTools.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  throw new BuildError(
    `This needs building, and the tools for it are not installed (missing: ${missing.join(', ')}). ` +
      'NODE_ENV=production and --omit=dev leave them out. Run:\n\n' +
      '  npm ci --include=dev && npm run build\n',
  )
}

function isInstalled(name) {
  try {
    require.resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}

function sources() {
  const inSrc = filesUnder(join(root, 'src')).filter(
    (path) => !path.startsWith(generated) && !path.startsWith(generatedKernels),
  )
  const settings = ['tsconfig.json', 'tsconfig.build.json'].map((name) => join(root, name))
  return [...inSrc, schema, lock, ...settings, ...kernelScripts]
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.version.split('.')[0])
  for (const path of paths) {
    hash.update(`\0${path.slice(root.length)}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function readStamp(folder) {
  const path = join(folder, '.made-from')
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function writeStamp(folder, hash) {
  writeFileSync(join(folder, '.made-from'), hash)
}

function run(args, complaint) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new BuildError(`${stdout}${stderr}\n${complaint}`)
}
