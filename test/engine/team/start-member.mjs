/** @file The entry of a member, in plain JavaScript: it teaches the thread to read TypeScript. */
import { register } from 'tsx/esm/api'

register()
await import('./member.thread.ts')
