/**
 * @file How large a job's WebAssembly memory is, known before there is one.
 *
 *   0                        64 KiB                     ... + a workspace for each thread
 *   | the module's constants | one workspace per thread | what the plan has laid out | to a whole page
 */

const pageBytes = 65_536
/** AssemblyScript's constants lie below it. */
export const reservedBytes = 65_536
/** Where a thread packs matrices: as much as assembly/packing.ts says, which a test compares. */
export const workspaceBytes = 720_896
/** A panel of eight columns may be read that begins with the last number of all. */
const slackBytes = 32
/** What pointers of 32 bits can reach. */
export const maxPages = 65_536

export function pagesOf(planBytes: number, threads: number): number {
  return Math.ceil((planBytesStart(threads) + planBytes + slackBytes) / pageBytes)
}

/** The whole memory of a job whose plan has laid out so many bytes. */
export function memoryBytesOf(planBytes: number, threads: number): number {
  return pagesOf(planBytes, threads) * pageBytes
}

export function planBytesStart(threads: number): number {
  return reservedBytes + threads * workspaceBytes
}
