/**
 * @file What every thread loads when it starts, so that no task waits for code: all the entries.
 * It runs no task.
 */
import { workerData } from 'piscina'

import { armCrashPoint } from '../faults/crash-point.ts'
import './calibrate.thread.ts'
import './follow.thread.ts'
import './parse.thread.ts'
import './predict.thread.ts'
import './train.thread.ts'

// In tests alone: threads are told what their process was told.
if (workerData?.crashPoint) armCrashPoint(workerData.crashPoint)

/** Piscina wants a function of every file it loads. */
export default function preload(): void {}
