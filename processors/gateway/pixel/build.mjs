// Builds attributary.js and attributary-tags.js from src/; with --check it only says whether the
// committed files are those.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

async function built(entry, format, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    format,
    define,
    target: 'es2021',
    charset: 'utf8',
    legalComments: 'none',
  })
  const { code } = await minify(outputFiles[0].text, {
    ecma: 2020,
    module: format === 'esm',
    compress: { passes: 3, unsafe: true, pure_getters: true },
  })
  return code + '\n'
}

/** The name under which the gateway serves this very content for good. */
const versioned = (stem, text) =>
  `/${stem}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.js`

const tags = await built('src/tags.ts', 'esm')
const pixel = await built('src/index.ts', 'iife', {
  TAGS_PATH: JSON.stringify(versioned('attributary-tags', tags)),
})

for (const [name, text] of Object.entries({ attributary: pixel, 'attributary-tags': tags })) {
  const file = here(`built/${name}.js`)
  if (process.argv.includes('--check')) {
    const committed = await readFile(file, 'utf8').catch(() => '')
    if (committed !== text) {
      console.error(`built/${name}.js is not what src/ builds: npm run build`)
      process.exitCode = 1
    }
  } else {
    await writeFile(file, text)
    console.log(`${name}.js: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped`)
  }
}
