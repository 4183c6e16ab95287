/** @file The document's schemas at work: whether a value is as one of them says. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

import type { OpenApiDocument, Schema } from './document.ts'

export interface Schemas {
  /** `pointer` leads to a schema in the document. null when the value is as it says. */
  faultAt(pointer: readonly string[], value: unknown): string | null
  accepts(schema: Schema, value: unknown): boolean
}

export function createSchemas(document: OpenApiDocument): Schemas {
  // Formats come with patterns; keywords of OpenAPI beside those of JSON Schema are no mistake.
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'api')
  const validators = new Map<string, ValidateFunction>()

  function validatorAt(pointer: string): ValidateFunction {
    const validator = validators.get(pointer) ?? ajv.compile({ $ref: `api#/${pointer}` })
    validators.set(pointer, validator)
    return validator
  }

  return {
    faultAt(pointer, value) {
      const validator = validatorAt(pointer.map(escaped).join('/'))
      if (validator(value)) return null
      const [error] = validator.errors ?? []
      return `${error?.instancePath || 'the body'} ${error?.message}`
    },
    accepts({ $ref }, value) {
      return $ref !== undefined && validatorAt($ref.slice('#/'.length))(value) === true
    },
  }
}

/** For a pointer in the fragment of a URI. */
function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
