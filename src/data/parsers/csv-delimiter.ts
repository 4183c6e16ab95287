/**
 * @file Which character separates the cells of a CSV: whichever of comma, semicolon, tab and bar
 * stands most often in the header line, quoted names left out. On a tie the first of these wins, so a
 * header with none of them is a single column.
 */
const delimiters = [',', ';', '\t', '|'] as const
export type CsvDelimiter = (typeof delimiters)[number]

/**
 * Finds the end of the first line that is not blank, over several texts: returns how many characters
 * of this text belong to it, line end included; -1 while it goes on.
 */
export function createHeaderScanner(): (text: string) => number {
  let quoting = false
  let blank = true
  return (text) => {
    for (let i = 0; i < text.length; i++) {
      const character = text[i]
      if (character === '"') quoting = !quoting
      if (!quoting && (character === '\n' || character === '\r')) {
        if (!blank) return i + 1
      } else {
        blank = false
      }
    }
    return -1
  }
}

export function csvDelimiterOf(headerLine: string): CsvDelimiter {
  const counts = { ',': 0, ';': 0, '\t': 0, '|': 0 }
  let quoting = false
  for (const character of headerLine) {
    if (character === '"') quoting = !quoting
    else if (!quoting && isDelimiter(character)) counts[character] += 1
  }
  return delimiters.reduce((best, next) => (counts[next] > counts[best] ? next : best))
}

function isDelimiter(character: string): character is CsvDelimiter {
  return delimiters.some((delimiter) => delimiter === character)
}
