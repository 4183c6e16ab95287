/**
 * @file The elements of `[{…}, {…}]` or `{"rows": [{…}, {…}]}`, one by one while the text arrives, so
 * that a list of a gigabyte needs no more memory than its longest object.
 *
 * Only the list is read here: brackets are counted, strings are skipped. What stands between an
 * object's brackets is for JSON.parse to judge.
 */
import { DataError, quoted } from '../data-error.ts'
import { maxRowCharacters } from './cell-size.ts'
import { createObjectScanner } from './json-object-scanner.ts'

export interface JsonElements {
  write(text: string): void
  end(): void
}

/** Where the text stands: before the list, between two elements, within one, or behind the list. */
type Place = 'start' | 'first' | 'element' | 'comma_or_end' | 'next' | 'closing' | 'done'

const listStart = /^(?:\[|(\{)\s*"rows"\s*:\s*\[)/
/** Between values, JSON knows no others. */
const blanks = ' \t\n\r'

/** Enough for the start of any list. */
const maxStartCharacters = 1000

export function createJsonElements(onElement: (text: string) => void): JsonElements {
  let place: Place = 'start'
  let start = '' // what came before the list
  let wrapped = false
  let element = '' // the part of the current element that came with earlier pieces
  let elements = 0
  const scan = createObjectScanner()

  /** Returns where the list begins in `text`; its length while that is still open. */
  function readStart(text: string): number {
    start = (start + text).trimStart()
    const found = listStart.exec(start)
    if (found) {
      wrapped = found[1] !== undefined
      place = 'first'
      return text.length - (start.length - found[0].length)
    }
    if (start.length > maxStartCharacters) refuseStart()
    return text.length
  }

  function refuseStart(): never {
    if (start === '') throw new DataError('The file is empty. Expected a list of objects.')
    const expected = 'a list of objects like [{"x": 1}] or {"rows": [{"x": 1}]}'
    throw new DataError(`expected ${expected}, got ${quoted(start)}.`)
  }

  /** Returns where the text goes on after the part of the element that it holds. */
  function readElement(text: string, from: number): number {
    const to = scan(text, from)
    element += text.slice(from, to === -1 ? text.length : to)
    if (element.length > maxRowCharacters) {
      const expected = `expected an object of at most ${maxRowCharacters} characters`
      throw new DataError(`${expected}, got more.`, { row: elements + 1 })
    }
    if (to === -1) return text.length
    const whole = element
    element = ''
    elements += 1
    place = 'comma_or_end'
    onElement(whole)
    return to
  }

  /** Returns how many characters are done with: none of an element that begins here. */
  function readBetween(character: string): 0 | 1 {
    if (character === '{' && (place === 'first' || place === 'next')) {
      place = 'element'
      return 0
    }
    if (character === ']' && (place === 'first' || place === 'comma_or_end')) {
      place = wrapped ? 'closing' : 'done'
    } else if (character === ',' && place === 'comma_or_end') place = 'next'
    else if (character === '}' && place === 'closing') place = 'done'
    else refuseBetween(character)
    return 1
  }

  function refuseBetween(character: string): never {
    const came = `got ${quoted(character)}`
    if (place === 'closing') throw new DataError(`expected nothing beside "rows", ${came}.`)
    if (place === 'done') throw new DataError(`expected the end of the file, ${came}.`)
    const expected = place === 'comma_or_end' ? 'a comma or the end' : 'an object like {"x": 1}'
    throw new DataError(`expected ${expected}, ${came}.`, { row: elements + 1 })
  }

  return {
    write(text) {
      let i = place === 'start' ? readStart(text) : 0
      while (i < text.length) {
        if (place === 'element') i = readElement(text, i)
        else i += blanks.includes(text[i]) ? 1 : readBetween(text[i])
      }
    },

    end() {
      if (place === 'start') refuseStart()
      if (place === 'done') return
      const row = place === 'closing' ? undefined : elements + 1
      throw new DataError('the file ends in the middle of its list.', { row })
    },
  }
}
