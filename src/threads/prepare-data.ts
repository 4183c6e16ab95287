/** @file From the files of a training task to the numbers that the network sees, by kind of task. */
import type { TrainTask } from '../contract/tasks.ts'
import type { Task } from '../data/resolve.ts'
import { prepareTable } from './prepare-table.ts'
import type { Preparation, PreparedData } from './prepared-data.ts'

export function prepareData(task: TrainTask, preparation: Preparation<Task>): PreparedData {
  return prepareTable(task, preparation)
}
