import { expect, test } from 'vitest'

import { testApi } from './support/api.ts'

const { call } = await testApi()
const get = (url: string) => call('GET', url, undefined, { key: null })

test('/ leads to the documentation', async () => {
  const answer = await get('/')
  expect(answer.statusCode).toBe(302)
  expect(answer.headers.location).toBe('/docs')
})

test('/docs loads nothing from elsewhere, and runs no script that stands in the page', async () => {
  const page = await get('/docs')
  expect(page.statusCode).toBe(200)
  const policy = page.headers['content-security-policy']
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
  expect(policy).not.toContain('unsafe')
  expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//)
  expect(page.body).not.toMatch(/<script(?![^>]* src=)/)
})

test('/docs comes with all that it loads', async () => {
  const { body } = await get('/docs')
  const parts = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path)
  expect(parts.length).toBeGreaterThan(3)
  for (const part of parts) expect((await get(part)).statusCode, part).toBe(200)
})

test('/docs shows the same document that /openapi.json serves', async () => {
  expect((await get('/docs/json')).json()).toEqual((await get('/openapi.json')).json())
})

test('/docs/errors has no script at all, and one style sheet that its policy names', async () => {
  const page = await get('/docs/errors')
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; /,
  )
  expect(page.body).not.toContain('<script')
})

test('404 for what can be no file of the documentation', async () => {
  for (const path of ['%00', 'nothing.js', '..%2findex.html', '.env']) {
    expect((await get(`/docs/static/${path}`)).statusCode, path).toBe(404)
  }
})
