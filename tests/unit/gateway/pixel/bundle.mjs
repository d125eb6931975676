// A TypeScript module of the pixel, bundled and imported.
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const { buildSync } = createRequire(resolve('package.json'))('esbuild')

const loaded = {}

export const load = (path) => (loaded[path] ??= bundled(path))

function bundled(path) {
  const { outputFiles } = buildSync({
    entryPoints: [resolve(path)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2021',
  })
  return import('data:text/javascript,' + encodeURIComponent(outputFiles[0].text))
}

export async function given() {
  let text = ''
  for await (const part of process.stdin) text += part
  return JSON.parse(text)
}
