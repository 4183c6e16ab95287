/** @file The peers, each with one and with two threads where it has them; its best counts. */
import { type Contender, reasonOf, type Setting, startContender } from './contender.ts'

const python = process.env.PEERS_PYTHON ?? 'python3'
const folder = 'bench/engine/peers'

const settings: readonly Setting[] = [
  ...[1, 2].flatMap((threads) => [
    inPython('NumPy', 'with_numpy.py', threads),
    inPython('PyTorch', 'with_pytorch.py', threads),
    inPython('PyTorch, fused Adam', 'with_pytorch.py', threads, 'fused'),
    inPython('JAX', 'with_jax.py', threads),
  ]),
  inNode('TensorFlow.js wasm', 'with-tfjs.mjs'),
  inNode('brain.js', 'with-brain.mjs'),
]

function inPython(label: string, file: string, threads: number, ...more: string[]): Setting {
  return { label, threads, command: [python, `${folder}/${file}`, String(threads), ...more] }
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
