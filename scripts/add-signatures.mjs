/**
 * @file node add-signatures.mjs FILE: writes the types of a WebAssembly module's exports into the
 * module itself, as a custom section `signatures` with one line a function, `name parameters results`.
 * A module does not tell them, and one that is to call it needs them.
 */
import { readFileSync, writeFileSync } from 'node:fs'

import binaryen from 'binaryen'

const letters = { [binaryen.i32]: 'i', [binaryen.f32]: 'f', [binaryen.f64]: 'd' }

const file = process.argv[2]
const bytes = readFileSync(file)
const section = customSection('signatures', signaturesOf(bytes).join('\n'))
writeFileSync(file, Buffer.concat([bytes, section]))

function signaturesOf(bytes) {
  const module = binaryen.readBinary(bytes)
  const exported = Array.from({ length: module.getNumExports() }, (_, i) =>
    binaryen.getExportInfo(module.getExportByIndex(i)),
  )
  const lines = exported
    .filter(({ kind }) => kind === binaryen.ExternalFunction)
    .map(({ name, value }) => {
      const { params, results } = binaryen.getFunctionInfo(module.getFunction(value))
      return `${name} ${lettersOf(params)} ${lettersOf(results)}`
    })
  module.dispose()
  return lines
}

function lettersOf(type) {
  return binaryen
    .expandType(type)
    .map((each) => letters[each])
    .join('')
}

function customSection(name, text) {
  const content = [...counted(Buffer.from(name)), ...Buffer.from(text)]
  return Buffer.from([0, ...counted(content)])
}

/** As WebAssembly writes lengths: seven bits a byte, the lowest first. */
function counted(bytes) {
  const length = []
  let rest = bytes.length
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0))
    rest >>>= 7
  } while (rest > 0)
  return [...length, ...bytes]
}
