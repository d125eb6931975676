// Segment's analytics.js as a shop bundles it; `tell(kind, ...said)` calls it.
import { AnalyticsBrowser } from '@segment/analytics-next'
import { made } from './made.js'

const { key, gateway, options } = window.setup
const analytics = AnalyticsBrowser.load(
  { writeKey: key, cdnURL: gateway },
  { integrations: { 'Segment.io': options } },
)
analytics.addSourceMiddleware(({ payload, next }) => {
  made(payload.obj.messageId)
  next(payload)
})
window.tell = (kind, ...said) => void analytics[kind](...said)
window.tell('page', 'Shop', document.title)
analytics.ready(() => (window.settled = true))
