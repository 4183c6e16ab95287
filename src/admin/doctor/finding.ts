/** @file One thing that the doctor has looked at. */
export interface Finding {
  readonly name: string
  /** A warning does not make the service unsafe, and does not change the exit code. */
  readonly status: 'ok' | 'warning' | 'failed'
  readonly found: string
  /** What it should be and what to do; null where all is well. */
  readonly advice: string | null
}

export const ok = (name: string, found: string): Finding => ({
  name,
  status: 'ok',
  found,
  advice: null,
})

export const warning = (name: string, found: string, advice: string): Finding => ({
  name,
  status: 'warning',
  found,
  advice,
})

export const failed = (name: string, found: string, advice: string): Finding => ({
  name,
  status: 'failed',
  found,
  advice,
})
