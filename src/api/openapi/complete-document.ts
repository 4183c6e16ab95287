/**
 * @file What the schemas alone do not say: examples, headers, and what a status means; less the schemas
 * that nothing refers to.
 */
import { STATUS_CODES } from 'node:http'

import type { RouteEntry } from '../plugins/route-table.ts'
import type { Document, Operation } from './document.ts'
import { headerParameter } from './header-parameters.ts'
import { pruneSchemas } from './prune-schemas.ts'

export function completeDocument(document: object, routes: readonly RouteEntry[]): Document {
  const draft: Document = JSON.parse(JSON.stringify(document))
  for (const { url, methods, options } of routes) {
    for (const method of methods) {
      const operation = draft.paths[pathOf(url)]?.[method.toLowerCase()]
      if (operation) complete(operation, options.config)
    }
  }
  return pruneSchemas(draft)
}

function complete(operation: Operation, config: RouteEntry['options']['config'] = {}): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response.description === 'Default Response') {
      response.description = STATUS_CODES[status] ?? status
    }
  }
  const headers = [
    ...(config.idempotent ? (['Idempotency-Key'] as const) : []),
    ...(config.headers ?? []),
  ]
  if (headers.length > 0) {
    operation.parameters = [...(operation.parameters ?? []), ...headers.map(headerParameter)]
  }
  const json = operation.requestBody?.content['application/json']
  if (json && config.example !== undefined) json.example = config.example
}

/** `/v1/jobs/:jobId` as OpenAPI writes it. */
function pathOf(url: string): string {
  return url.replaceAll(/:(\w+)/g, '{$1}')
}
