/** @file From the files of a training task to the numbers that the network sees, by kind of task. */
import type { TrainTask } from '../contract/tasks.ts'
import type { Task } from '../data/resolve.ts'
import { prepareImages } from './prepare-images.ts'
import { prepareTable } from './prepare-table.ts'
import { prepareText } from './prepare-text.ts'
import type { Preparation, PreparedData } from './prepared-data.ts'

export function prepareData(task: TrainTask, preparation: Preparation<Task>): PreparedData {
  const { resolved } = preparation
  switch (resolved.kind) {
    case 'table':
      return prepareTable(task, { ...preparation, resolved })
    case 'text':
      return prepareText(task, { ...preparation, resolved })
    case 'images':
      return prepareImages(task, { ...preparation, resolved })
    default:
      return resolved satisfies never
  }
}
