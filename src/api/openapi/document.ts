/** @file As much of an OpenAPI document as is touched here. */

export interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas: Record<string, unknown> }
}

export interface Operation {
  parameters?: object[]
  readonly requestBody?: { readonly content: Record<string, { example?: unknown }> }
  readonly responses: Record<string, { description: string }>
}
