// Ids for the order, under the names that the gateway reads in cart attributes.

import type { AttributionSummary, CartAttributes, Options } from '../attributary'

type Ids = Record<string, string | undefined>

const SAID = ['visitor_id', 'session_id', 'first_source', 'first_medium'] as const

export function cartAttributes(summary: AttributionSummary, ids: Ids): CartAttributes {
  const found: CartAttributes = {}
  const put = (name: string, value: string | undefined) => {
    if (value) found['_' + name] = value
  }
  for (const name of SAID) put('attributary_' + name, summary[name])
  if (summary.last_click_id_name) put(summary.last_click_id_name, summary.last_click_id)
  for (const name of ['client_id', 'session_id']) put('ga4_' + name, ids['ga4_' + name])
  for (const name of ['fbp', 'fbc']) put('meta_' + name, ids[name])
  for (const name of ['ttp', 'scid']) put(name, ids[name])
  put('meta_external_id', ids.external_id ?? summary.visitor_id)
  return found
}

/** Hands them over where the options say. */
export async function write(attributes: CartAttributes, to: Options['cart']): Promise<void> {
  if (typeof to === 'function') to(attributes)
  else if (to === 'shopify') {
    const shop = (window as { Shopify?: { routes?: { root?: string } } }).Shopify
    await fetch((shop?.routes?.root ?? '/') + 'cart/update.js', {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ attributes }),
    })
  }
}
