/**
 * @file What every thread loads when it starts, so that no task waits for code: all the entries.
 * It runs no task.
 */
import './calibrate.thread.ts'
import './follow.thread.ts'
import './parse.thread.ts'
import './predict.thread.ts'
import './train.thread.ts'

/** Piscina wants a function of every file it loads. */
export default function preload(): void {}
