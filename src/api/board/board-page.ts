/** @file The one page of Bull Board: its scripts and styles as they are, and nothing from another host. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const uiFolder = join(
  dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json')),
  'dist',
)

export const boardFiles = join(uiFolder, 'static')

/** Its components set styles as they are drawn; scripts are its files alone. */
export const boardPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'"

/** The names of its files hold hashes: they are read from its own page. */
export function createBoardPage(basePath: string): (uiConfig: string) => string {
  const page = readFileSync(join(uiFolder, 'index.ejs'), 'utf8')
  const styles = [...page.matchAll(/href="(static\/css\/[^"]+)"/g)].map(([, href]) => href)
  const scripts = [...page.matchAll(/src="(static\/js\/[^"]+)"/g)].map(([, src]) => src)
  return (uiConfig) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="${basePath}/">
<title>Trainyard queue</title>
<link rel="icon" type="image/svg+xml" href="static/images/logo.svg">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
</head>
<body>
<script id="__UI_CONFIG__" type="application/json">${uiConfig}</script>
<div id="root"></div>
${scripts.map((src) => `<script defer src="${src}"></script>`).join('\n')}
</body>
</html>
`
}
