import { readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'

import { expect, test } from 'vitest'

import { renderErrorPage } from '../../src/api/openapi/error-page.ts'
import { explanationOf, presentProblem } from '../../src/api/presenters/problem.ts'
import { checkInput } from '../../src/api/validation/check-input.ts'
import { type ErrorCode, errorCatalogue } from '../../src/contract/errors.ts'
import { CreateJob } from '../../src/contract/spec/spec.ts'

const document = readFileSync('docs/errors.md', 'utf8')
const codes = Object.keys(errorCatalogue).filter(isCode)

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCatalogue, text)
}

/** Rows of the tables: code, meaning, what to do, under the status of their heading. */
function documented() {
  return document.split(/^## /m).flatMap((section) => {
    const [, status, phrase] = /^(\d+) (.+)/.exec(section) ?? []
    const rows = section.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)
    return [...rows].map(([, code, title, hint]) => ({
      code,
      entry: { status: Number(status), title, hint },
      phrase,
    }))
  })
}

test('docs/errors.md says of every code what the catalogue says, and knows no other', () => {
  const rows = documented()
  expect(Object.fromEntries(rows.map(({ code, entry }) => [code, entry]))).toEqual(errorCatalogue)
  expect(rows).toHaveLength(codes.length)
  for (const { entry, phrase } of rows) expect(phrase).toBe(STATUS_CODES[entry.status])
})

test('the example of docs/errors.md is what the service answers', () => {
  const example = JSON.parse(/```json\n([\s\S]+?)```/.exec(document)?.[1] ?? '')
  const body = {
    dataset: `ds_${'0'.repeat(32)}`,
    target: { column: 'y' },
    model: { type: 'mlp' },
    training: { epoch: 3 },
  }
  const checked = checkInput(CreateJob, body, 'body')
  if (!('error' in checked)) throw new Error('The example is valid.')
  const { code, message, errors } = checked.error
  expect(presentProblem({ code, detail: message, errors }, example.instance)).toEqual(example)
})

test('the page that a problem links to has an anchor for every code', () => {
  const { html } = renderErrorPage()
  for (const code of codes) {
    const [path, anchor] = explanationOf(code).split('#')
    expect(path).toBe('/docs/errors')
    expect(html).toContain(`id="${anchor}"`)
  }
})

test('the page escapes what stands in the catalogue', () => {
  expect(renderErrorPage().html).toContain('&quot;Authorization: Bearer ty_…&quot;')
})
