/** @file Numbers as people read them. */
const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** 1 kB is 1000 bytes, as disks are sold and `df -H` counts. */
export function describeBytes(bytes: number): string {
  let at = 0
  let value = bytes
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toPrecision(3)} ${units[at]}`
}

export function describeCount(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : `${noun}s`}`
}

export function describeSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
