/** @file Steps as the service takes them: in slices that it paces, with every loss reported. */
import { packProgress } from '../../../src/contract/packed-progress.ts'
import type { Trainer } from '../../../src/engine/index.ts'
import { createPacer } from '../../../src/threads/pacer.ts'
import { createProgressSender } from '../../../src/threads/progress-sender.ts'

export function trainInSlices(trainer: Trainer, steps: number): void {
  const pacer = createPacer()
  const progress = createProgressSender(
    (message) => structuredClone(packProgress(message)), // what a message port does with it
    () => performance.now(),
  )
  const last = trainer.step + steps
  while (trainer.step < last) {
    const units = Math.min(pacer.units(), last - trainer.step)
    const startedAtMs = performance.now()
    const report = trainer.run(units)
    pacer.took(units, performance.now() - startedAtMs)
    progress.report(report, report.points)
    if (report.finished) break
  }
  progress.flush()
}
