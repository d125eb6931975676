// RudderStack's SDK as a shop bundles it, with its plugins; `tell(kind, ...said)` calls it.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'
import { made } from './made.js'

const { key, gateway, options } = window.setup
const analytics = new RudderAnalytics()
analytics.load(key, gateway, { configUrl: gateway, ...options })
window.tell = (kind, ...said) => analytics[kind](...said, (message) => made(message.messageId))
window.tell('page', 'Shop', document.title)
analytics.ready(() => (window.settled = true))
