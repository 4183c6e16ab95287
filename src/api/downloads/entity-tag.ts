/** @file Entity tags (RFC 9110, section 8.8.3): a file is named by its hash, so a tag never lies. */

/** `variant` tells other forms of the same file apart. */
export function entityTag(sha256: string, variant = ''): string {
  return `"sha256:${sha256}${variant && `;${variant}`}"`
}

/** If-None-Match: whether the client has it already. Compared weakly, as the RFC asks. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag)
}

/** If-Range: whether a part would fit what the client has. A date never does: we send none. */
export function isSame(ifRange: string | string[] | undefined, tag: string): boolean {
  return ifRange === undefined || ifRange === tag
}
