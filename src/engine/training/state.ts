/**
 * @file Where a job stands, beside its tensors: plain data, so that it can be stored as JSON.
 *
 *   training ──last batch of an epoch──▶ validating ──last validation batch──▶ training
 *      └───────────────── out of steps, out of patience, or stopped ─────────▶ finished
 *
 * Without validation rows the epoch ends where `validating` would begin. Random streams need no
 * place here: they are counter-based, and the counters are the step and the epoch.
 */
export interface TrainerState {
  phase: 'training' | 'validating' | 'finished'
  stoppedEarly: boolean
  /** Steps taken, and epochs ended. */
  step: number
  epoch: number
  /** The next batch of the epoch, or of the validation rows. */
  batch: number
  /** The running products of the optimizer. */
  readonly products: number[]
  /** The losses of the steps since the last reported one. */
  readonly interval: { loss: number; steps: number }
  /** Of this epoch so far, and of the epochs before it that were not yet reported. */
  readonly training: Tallies
  readonly validation: Tallies
  epochsSinceReport: number
  best: BestEpoch | null
  epochsWithoutImprovement: number
}

export interface Tallies {
  readonly epoch: Tally
  readonly unreported: Tally
}

/** Sums over rows: means are taken when they are asked for. */
export interface Tally {
  loss: number
  terms: number
  correct: number
  decisions: number
}

export interface BestEpoch {
  readonly value: number
  readonly epoch: number
  readonly step: number
}

export function initialState(products: number): TrainerState {
  return {
    phase: 'training',
    stoppedEarly: false,
    step: 0,
    epoch: 0,
    batch: 0,
    products: Array.from({ length: products }, () => 1),
    interval: { loss: 0, steps: 0 },
    training: { epoch: emptyTally(), unreported: emptyTally() },
    validation: { epoch: emptyTally(), unreported: emptyTally() },
    epochsSinceReport: 0,
    best: null,
    epochsWithoutImprovement: 0,
  }
}

function emptyTally(): Tally {
  return { loss: 0, terms: 0, correct: 0, decisions: 0 }
}

/** Adds the epoch to what is to be reported, and starts the next. */
export function closeEpoch({ epoch, unreported }: Tallies): void {
  unreported.loss += epoch.loss
  unreported.terms += epoch.terms
  unreported.correct += epoch.correct
  unreported.decisions += epoch.decisions
  resetTally(epoch)
}

export function resetTally(tally: Tally): void {
  tally.loss = 0
  tally.terms = 0
  tally.correct = 0
  tally.decisions = 0
}
