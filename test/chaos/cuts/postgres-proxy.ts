/**
 * @file A way to Postgres that can be cut where it matters: at a commit, so that nobody on the near side
 * can know whether it happened. It understands as much of the protocol as that takes: where a message
 * ends, which statement it names, and when the server is ready again.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `before`: the commit never reaches the server. `after`: it does, and its answer comes to nobody. */
export type CutMoment = 'before' | 'after'

export interface Cut {
  /** A piece of the SQL whose commit is cut; in a transaction, that of its COMMIT. */
  readonly of: string
  readonly moment: CutMoment
}

export interface PostgresProxy {
  readonly url: string
  /** Cuts the next such commit, once. Resolves when that has happened. */
  cut(cut: Cut): Promise<void>
  /** Gives up what was not yet cut. */
  spare(): void
  close(): Promise<void>
}

interface Waiting extends Cut {
  readonly done: () => void
}

export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let waiting: Waiting | undefined
  const take = (isOf: (sql: string) => boolean): Waiting | undefined => {
    if (!waiting || !isOf(waiting.of)) return undefined
    const taken = waiting
    waiting = undefined
    return taken
  }
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay() // as pg and Postgres do: else each statement waits 40 ms for an ACK
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => {}) // its 'close' follows
    }
    near.once('close', () => far.destroy())
    far.once('close', () => near.destroy())
    relay(near, far, take)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)

  return {
    url: url.href,
    cut: (cut) =>
      new Promise((done) => {
        waiting = { ...cut, done }
      }),
    spare() {
      waiting = undefined
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

type Take = (isOf: (sql: string) => boolean) => Waiting | undefined

function relay(near: Socket, far: Socket, take: Take): void {
  const conversation = createConversation()
  /** Set when the server's answer is awaited, and is for nobody. */
  let cutting: Waiting | undefined

  readMessages(near, { isNamed: false }, (type, message) => {
    const isCommit = conversation.hear(type, message)
    const cut = isCommit ? take(conversation.isOf) : undefined
    if (cut?.moment === 'before') return end(cut)
    cutting ??= cut
    far.write(message)
  })
  readMessages(far, { isNamed: true }, (type, message) => {
    if (type === 'Z') conversation.answered(message[5])
    if (!cutting) near.write(message)
    else if (type === 'Z') end(cutting)
  })

  function end({ done }: Waiting): void {
    near.destroy()
    far.destroy()
    done()
  }
}

/** What one connection has said since its last commit. */
function createConversation() {
  const named = new Map<string, string>()
  let said: string[] = []
  let isInTransaction = false

  function parse(message: Buffer): void {
    const nameEnd = message.indexOf(0, 5)
    const sql = message.toString('utf8', nameEnd + 1, message.indexOf(0, nameEnd + 1))
    named.set(message.toString('utf8', 5, nameEnd), sql)
  }

  function bind(message: Buffer): void {
    const start = message.indexOf(0, 5) + 1
    said.push(named.get(message.toString('utf8', start, message.indexOf(0, start))) ?? '')
  }

  return {
    isOf: (sql: string) => said.some((each) => each.includes(sql)),
    /** Whether this message makes the server commit what was said. */
    hear(type: string, message: Buffer): boolean {
      if (type === 'P') parse(message)
      if (type === 'B') bind(message)
      if (type !== 'Q') return type === 'E' && !isInTransaction
      const sql = message.toString('utf8', 5, message.length - 1)
      if (sql !== 'COMMIT') said.push(sql)
      return sql === 'COMMIT' || !isInTransaction
    },
    answered(status: number): void {
      isInTransaction = status !== 'I'.charCodeAt(0)
      if (!isInTransaction) said = []
    },
  }
}

/** Calls with each whole message. The first ones of a client have no type: the server's all do. */
function readMessages(
  socket: Socket,
  { isNamed }: { isNamed: boolean },
  onMessage: (type: string, message: Buffer) => void,
): void {
  let pending: Buffer[] = []
  let bytes = 0
  let needed = 5
  let typeBytes = isNamed ? 1 : 0
  socket.on('data', (piece) => {
    pending.push(piece)
    bytes += piece.length
    // A chunk of a blob comes in many pieces: they are put together once.
    while (bytes >= needed) {
      const whole = pending.length === 1 ? pending[0] : Buffer.concat(pending)
      pending = [whole]
      const length = whole.readInt32BE(typeBytes) + typeBytes
      needed = Math.max(length, 5)
      if (bytes < length) return
      const message = whole.subarray(0, length)
      onMessage(typeBytes === 1 ? String.fromCharCode(message[0]) : '', message)
      pending = [whole.subarray(length)]
      bytes -= length
      needed = 5
      typeBytes = 1
    }
  })
}
