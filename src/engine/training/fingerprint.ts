/**
 * @file A short name for a plan: snapshots carry it, so that none is restored into another job by
 * mistake. It guards against mistakes, not against malice.
 */

/** FNV-1a over the characters, four times from different starts: 128 bits as 32 hex digits. */
export function fingerprintOf(text: string): string {
  const lanes = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b]
  for (let i = 0; i < text.length; i++) {
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = Math.imul(lanes[lane] ^ (text.charCodeAt(i) + lane), 0x01000193)
    }
  }
  return lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
}
