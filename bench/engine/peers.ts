/** @file The peers, each with one and with two threads where it has them; its best counts. */
import { type Contender, reasonOf, type Setting, startContender } from './contender.ts'

const python = process.env.PEERS_PYTHON ?? 'python3'
/** Bars were set by PyTorch 1.13; it needs an interpreter of its own. */
const olderPython = process.env.PEERS_PYTORCH_1_13 ?? 'PEERS_PYTORCH_1_13 is not set'
const folder = 'bench/engine/peers'

const settings: readonly Setting[] = [
  ...[1, 2].flatMap((threads) => [
    inPython(python, 'NumPy', 'with_numpy.py', threads),
    inPython(python, 'PyTorch', 'with_pytorch.py', threads),
    inPython(olderPython, 'PyTorch 1.13', 'with_pytorch.py', threads),
    inPython(python, 'PyTorch, fused Adam', 'with_pytorch.py', threads, 'fused'),
    inPython(python, 'JAX', 'with_jax.py', threads),
  ]),
  inNode('TensorFlow.js wasm', 'with-tfjs.mjs'),
  inNode('brain.js', 'with-brain.mjs'),
]

function inPython(
  interpreter: string,
  label: string,
  file: string,
  threads: number,
  ...more: string[]
): Setting {
  return { label, threads, command: [interpreter, `${folder}/${file}`, String(threads), ...more] }
}

function inNode(label: string, file: string): Setting {
  return { label, threads: 1, command: ['node', '--import', 'tsx', `${folder}/${file}`] }
}

/** Those that are installed; the others are named, with the reason. */
export async function startPeers(only: readonly string[] | null): Promise<Contender[]> {
  const chosen = settings.filter(({ label }) => !only || only.includes(label))
  const starts = await Promise.allSettled(chosen.map(startContender))
  return starts.flatMap((start, i) => {
    if (start.status === 'fulfilled') return [start.value]
    const { label, threads } = chosen[i]
    console.log(`MISSING ${label} (threads: ${threads}): ${reasonOf(start.reason)}`)
    return []
  })
}
