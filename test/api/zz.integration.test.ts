import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from 'vitest'
import { testApi } from './support/api.ts'
const api = await testApi()
test('browser', async () => {
  const origin = await api.listen()
  for (const path of ['/docs', '/docs#/jobs/post_v1_jobs']) {
    const r = await promisify(execFile)('chromium', ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--v=0', '--virtual-time-budget=8000', '--window-size=1200,1600', `--screenshot=/tmp/shot${path.length}.png`, origin + path], { maxBuffer: 1e8, timeout: 50000 }).catch((e) => e)
    console.log(path, r.stderr.split('\n').filter((l: string) => /CONSOLE|CSP|Content Security/i.test(l)).slice(0, 10).join('\n').slice(0, 3000))
  }
}, 200000)
