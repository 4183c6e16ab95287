/** @file An event stream goes past the framework, whose hooks end the spans of other answers. */
import { expect, test, vi } from 'vitest'

import { noSpan } from '../../../src/contract/tracing.ts'
import { testApi } from '../support/api.ts'
import { openEventStream } from '../support/event-stream.ts'
import { aJobThatIs, storeTable } from '../support/jobs.ts'

const end = vi.fn()
const api = await testApi({ tracer: { isOn: true, start: () => ({ ...noSpan, end }) } })

test('the span of a stream ends with it, once', async () => {
  const origin = await api.listen()
  const dataset = await storeTable(api, api.projectId)
  const { id } = await aJobThatIs(api, 'running', dataset)
  end.mockClear()
  const stream = await openEventStream(`${origin}/v1/jobs/${id}/events`, {
    authorization: `Bearer ${api.keys.project}`,
  })
  await stream.until(1)
  expect(end).not.toHaveBeenCalled()

  stream.close()
  await vi.waitFor(() => expect(end).toHaveBeenCalledOnce())
})
