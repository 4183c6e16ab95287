/**
 * @file The engine's fast kernels: AssemblyScript to WebAssembly, and C++ to machine code where there
 * is a compiler. Both go to src/engine/kernels/generated, beside the sources that load them. Without
 * the native ones the engine is slower and computes the same bits; a file there says why they are not.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const scripts = dirname(fileURLToPath(import.meta.url))
const kernels = join(dirname(scripts), 'src/engine/kernels')
const generated = join(kernels, 'generated')

const wasmFlags = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--disableWarning', '112'],
  ...['--enable', 'simd', '--enable', 'bulk-memory', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
]

/** No fused multiply-add: its bits would be others than WebAssembly's (docs/numerics.md). */
const nativeFlags = [
  ...['-std=c++17', '-O3', '-mavx2', '-mno-fma', '-ffp-contract=off'],
  ...['-fno-exceptions', '-fno-math-errno', '-Wno-psabi', '-shared', '-fPIC'],
  ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
]

/** Returns the compiler's words when they do not compile, which nobody can do without. */
export function buildWasmKernels() {
  mkdirSync(generated, { recursive: true })
  const asc = join(dirname(require.resolve('assemblyscript/package.json')), 'bin/asc.js')
  const source = join(kernels, 'wasm/assembly/index.ts')
  return compile('kernels.wasm', (out) => [
    [process.execPath, asc, source, '-o', out, ...wasmFlags],
    [process.execPath, join(scripts, 'add-signatures.mjs'), out],
  ])
}

export function buildNativeKernels() {
  const why = process.arch === 'x64' ? buildNative() : `they are for x64, this is ${process.arch}`
  if (why) rmSync(join(generated, nativeName), { force: true })
  writeFileSync(join(generated, 'native-missing.txt'), why ?? '')
}

/** A compiler may have come since. */
export function lacksCompiler() {
  return readFileSync(join(generated, 'native-missing.txt'), 'utf8').startsWith(noCompiler)
}

const noCompiler = 'no C++ compiler'
const nativeName = 'kernels.node'

function buildNative() {
  // As make has it: CXX may bring flags of its own.
  const [compiler, ...own] = (process.env.CXX || 'c++').trim().split(/\s+/)
  const headers = require('node-api-headers').include_dir
  const folder = join(kernels, 'native')
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(folder, name))
  const complaint = compile(nativeName, (out) => [
    [compiler, ...own, ...nativeFlags, '-I', headers, ...sources, '-o', out],
  ])
  if (complaint === 'ENOENT') return `${noCompiler} (${compiler}) was there when it was built`
  return complaint === null ? null : `they did not compile: ${firstLineOf(complaint)}`
}

function firstLineOf(complaint) {
  return complaint.trim().split('\n')[0] || 'the compiler did not say why'
}

/** Writes beside the old file and swaps at the end; returns what a command said, if it failed. */
function compile(name, commandsFor) {
  const partial = join(generated, `${process.pid}.${name}`)
  for (const [program, ...args] of commandsFor(partial)) {
    const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    if (status === 0) continue
    rmSync(partial, { force: true })
    return error ? error.code : stderr || `${program} ended without a word`
  }
  renameSync(partial, join(generated, name))
  return null
}
