/** @file What every thread loads when it starts, so that no task waits for code. It runs no task. */
export default function preload(): void {}
