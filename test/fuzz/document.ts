/**
 * @file Our own OpenAPI document, as much of it as requests are made from and answers are held to.
 * Whatever the document names is fuzzed: there is no list of routes beside it.
 */

export interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly propertyNames?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: Schema
}

interface Media {
  readonly schema?: Schema
  readonly example?: unknown
}

interface DescribedOperation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses?: Readonly<Record<string, { readonly content?: Record<string, Media> }>>
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

export interface Operation {
  /** As in `POST /v1/jobs`. */
  readonly name: string
  readonly method: string
  /** As in `/v1/jobs/{jobId}`. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** By media type; empty where no body is read. */
  readonly bodies: Readonly<Record<string, Media>>
  /** By status, then by media type; a public operation may declare none. */
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, Media> }>>
}

export function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters, requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: parameters ?? [],
      bodies: requestBody?.content ?? {},
      responses: responses ?? {},
    })),
  )
}
