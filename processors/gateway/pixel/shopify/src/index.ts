// Shopify's web pixel: tells the gateway of the shop's standard events, those of the checkout above
// all, which no script of a theme sees. The gateway tells the platforms; nothing here does.

import { register } from '@shopify/web-pixels-extension'
import { makeForward, type Happened, type Privacy } from './forward'

const CHECKOUT = ['checkout_started', 'payment_info_submitted', 'checkout_completed']
const STOREFRONT = [
  'page_viewed',
  'product_viewed',
  'collection_viewed',
  'search_submitted',
  'product_added_to_cart',
  'cart_viewed',
]

register(({ analytics, browser, init, settings, customerPrivacy }) => {
  let privacy: Privacy = init.customerPrivacy
  customerPrivacy.subscribe('visitorConsentCollected', (event) => {
    privacy = event.customerPrivacy
  })
  const forward = makeForward({
    cookie: (name) => browser.cookie.get(name),
    endpoint: String(settings.endpoint),
    hash: settings.hash_pii !== 'false',
    key: String(settings.accountKey),
    log: (...what) => {
      if (settings.enable_debug === 'true') console.log('[attributary]', ...what)
    },
    privacy: () => privacy,
  })
  const wanted = settings.storefront_events === 'false' ? CHECKOUT : [...STOREFRONT, ...CHECKOUT]
  for (const name of wanted)
    analytics.subscribe(name, (event: unknown) => void forward(event as Happened))
})
