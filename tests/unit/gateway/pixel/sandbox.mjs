// Shopify's sandbox as far as the extension sees it, around Shopify's own `register`: subscribers,
// cookies, the privacy api. Happens what it is told; prints what the extension posts.
import { given, load } from './bundle.mjs'

const { settings, cookies, steps, privacy, statuses = [] } = await given()
const posts = []
const subscribers = {}
let decide = () => {}
let render

globalThis.fetch = async (url, options) => {
  posts.push({ url, body: options.body, keepalive: options.keepalive })
  return { status: statuses.shift() ?? 200 }
}
let hashing = 0
const digest = crypto.subtle.digest.bind(crypto.subtle)
crypto.subtle.digest = (...args) => {
  hashing++
  return digest(...args).finally(() => hashing--)
}
let waiting = 0
const wait = globalThis.setTimeout
globalThis.setTimeout = (act) => {
  waiting++
  return wait(() => {
    waiting--
    act()
  }, 0)
}
globalThis.shopify = { extend: (point, start) => (render = { point, start }) }

await load('shopify/src/index.ts')
render.start({
  settings,
  init: { customerPrivacy: privacy },
  analytics: { subscribe: (name, hear) => (subscribers[name] = hear) },
  browser: { cookie: { get: async (name) => cookies[name] ?? '' } },
  customerPrivacy: { subscribe: (_, hear) => (decide = hear) },
})
for (const step of steps) {
  if (step.customerPrivacy) decide(step)
  else subscribers[step.name]?.(step)
  // Everything that the extension does about it, its retries included.
  do for (let turn = 0; turn < 50; turn++) await new Promise((done) => setImmediate(done))
  while (hashing || waiting)
}
console.log(JSON.stringify({ point: render.point, names: Object.keys(subscribers), posts }))
