/**
 * @file What an error of the database means for the request that met it.
 *
 * Prisma wraps what pg threw, sometimes twice, so the whole chain of causes is looked through.
 */

/** SQLSTATE classes and codes that pass: connections, resources, shutdown, time limits, conflicts. */
const passingStates = /^(08...|53...|57P0.|57014|25P0[34]|40001|40P01|55P03)$/
const passingSystemCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/
/** Prisma: cannot reach, timed out, closed the connection, none free in the pool, a conflict. */
const passingPrismaCodes = /^P(1001|1002|1008|1017|2024|2034)$/
/** pg gives these no code. */
const passingMessages =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|cannot use a pool after calling end/i

/** Text or numbers that Postgres cannot keep: NUL, broken UTF-8, a number out of range. */
const refusedValues = /^(22021|22P02|22P05|22003)$/

const sqlState = /^[0-9A-Z]{5}$/

/** A page or an index of the database itself is broken: its own checksums say so. */
const damagedData = /^XX00[12]$/

export function isDamagedData(error: unknown): boolean {
  return chainOf(error).some(({ codes }) => codes.some((code) => damagedData.test(code)))
}

/** The database is away, overloaded or shutting down: the same request may work later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return chainOf(error).some(
    ({ codes, message }) =>
      codes.some(
        (code) =>
          passingStates.test(code) ||
          passingSystemCodes.test(code) ||
          passingPrismaCodes.test(code),
      ) || passingMessages.test(message),
  )
}

/** A client's value passed the checks at the door and yet cannot be stored. */
export function isRefusedValue(error: unknown): boolean {
  return chainOf(error).some(({ codes }) => codes.some((code) => refusedValues.test(code)))
}

/** Postgres has refused a statement for what it says: nothing of it happened, nor will. */
export function isRefusedStatement(error: unknown): boolean {
  const hasState = chainOf(error).some(({ codes }) => codes.some((code) => sqlState.test(code)))
  return hasState && !isDatabaseUnavailable(error)
}

/**
 * What went wrong, for a client. What the database says quotes its statement and its values: of it only
 * the SQLSTATE is told.
 */
export function tellableReason(error: unknown): string {
  const states = chainOf(error).flatMap(({ codes }) => codes.filter((code) => sqlState.test(code)))
  const isOfDatabase =
    error instanceof Error && (states.length > 0 || error.name.startsWith('PrismaClient'))
  // Prisma's own codes look alike and come first: what Postgres said is the last of them.
  if (isOfDatabase) return ['the database refused it', ...states.slice(-1)].join(', SQLSTATE ')
  return error instanceof Error ? error.message : String(error)
}

interface Link {
  readonly codes: readonly string[]
  readonly message: string
}

/** Where an error keeps the one that it came from: Prisma has its own ways. */
const causeNames = ['cause', 'meta', 'driverAdapterError']

/** Deep enough for Prisma over its adapter over pg over the socket; finite for a circle. */
const maxDepth = 6

function chainOf(error: unknown, depth = 0): Link[] {
  if (typeof error !== 'object' || error === null || depth === maxDepth) return []
  const codes = [propertyOf(error, 'code'), propertyOf(error, 'originalCode')].filter(isText)
  const message = propertyOf(error, 'message')
  return [
    { codes, message: isText(message) ? message : '' },
    ...causeNames.flatMap((name) => chainOf(propertyOf(error, name), depth + 1)),
    ...chainOf(firstOf(propertyOf(error, 'errors')), depth + 1), // of a connect that tried two addresses
  ]
}

function propertyOf(object: object, name: string): unknown {
  return Reflect.get(object, name)
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
