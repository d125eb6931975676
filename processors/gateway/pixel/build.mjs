// Builds attributary.js and attributary-tags.js from src/; with --check it only says whether the
// committed files are those.
//
// A page that pinned a build, by its name with the hash and by its integrity, must get these very
// bytes for as long as it asks. So the build that is replaced moves to built/earlier/, where the
// gateway finds it, and leaves a year after it was replaced: no cache holds a page longer.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

const KEPT_DAYS = 366
const LEDGER = here('built/earlier/replaced.json')

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

/** The build that gateways serve: the committed one, not what was only tried. */
async function before(name) {
  const file = `built/${name}.js`
  const quiet = { cwd: here('.'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
  try {
    return execFileSync('git', ['show', `HEAD:./${file}`], quiet)
  } catch {
    return readFile(here(file), 'utf8').catch(() => '')
  }
}

/** Sets a replaced build aside, and drops those that were replaced too long ago. */
async function setAside(name, text) {
  const replaced = JSON.parse(await readFile(LEDGER, 'utf8').catch(() => '{}'))
  const today = new Date().toISOString().slice(0, 10)
  const file = versioned(name, text).slice(1)
  replaced[file] ??= today
  await mkdir(here('built/earlier'), { recursive: true })
  await writeFile(here(`built/earlier/${file}`), text)
  const oldest = new Date(Date.now() - KEPT_DAYS * 864e5).toISOString().slice(0, 10)
  for (const [each, day] of Object.entries(replaced)) {
    if (day >= oldest) continue
    delete replaced[each]
    await rm(here(`built/earlier/${each}`), { force: true })
  }
  await writeFile(LEDGER, JSON.stringify(replaced, null, 2) + '\n')
}

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
    const old = await before(name)
    if (old && old !== text) await setAside(name, old)
    await writeFile(file, text)
    console.log(`${name}.js: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped`)
  }
}
