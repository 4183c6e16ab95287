/** @file /docs/errors: the catalogue as a page. A problem's `type` is a link into it. */
import { createHash } from 'node:crypto'

import { errorCatalogue } from '../../contract/errors.ts'

export interface ErrorPage {
  readonly html: string
  /** Nothing may load or run; the one style sheet is named by its hash. */
  readonly policy: string
}

const style = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin: 2rem 0 0; font-size: 1.1rem }
h2:target { background: Mark; color: MarkText }
p { margin: .25rem 0 }`

export function renderErrorPage(): ErrorPage {
  const entries = Object.entries(errorCatalogue).map(
    ([code, { status, title, hint }]) => `
<h2 id="${code}"><code>${code}</code></h2>
<p>${status} · ${escapeHtml(title)}</p>
<p>${escapeHtml(hint)}</p>`,
  )
  const hash = createHash('sha256').update(style).digest('base64')
  return {
    policy: `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'`,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Errors – Trainyard</title>
<style>${style}</style>
</head>
<body>
<h1>Errors</h1>
<p>Every error is an RFC 9457 problem. Its <code>code</code> never changes; branch on that.</p>
${entries.join('\n')}
</body>
</html>
`,
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => entities[letter])
}
