// Ids: random ones for visitors and events, and the hashes that the gateway makes, too.

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** 128 random bits, also where the page is not a secure context. */
export const random = () => hex(crypto.getRandomValues(new Uint8Array(16)))

/** Hex SHA-256; undefined where the page is not a secure context. */
export const sha256 = async (text: string): Promise<string | undefined> =>
  crypto.subtle &&
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))

/** An order id may be the number 0, but not nothing. */
export const hasOrder = (raw: unknown) => !!raw || raw === 0

/** `gid://shopify/Order/123` as `123`. */
export function orderId(raw: unknown): string {
  const text = String(raw).trim()
  return /^gid:\/\/shopify\/\w+\/(\d+)/i.exec(text)?.[1] ?? text
}

/** The order as event ids name it: ids are unique only within their source. */
export function orderKey(source: string, order: unknown): string {
  const id = orderId(order)
  return source === 'shopify' || source === 'api' ? id : `${source}/${id}`
}

export interface Named {
  event_name: string
  event_id: string
  order_id?: unknown
  checkout_id?: unknown
}

/** The id under which a platform hears of an event, from browser and server alike. */
export async function platformEventId(
  tenant: string | undefined,
  source: string,
  platform: string,
  event: Named,
): Promise<string | undefined> {
  const purchase = event.event_name === 'Purchase'
  const order = hasOrder(event.order_id)
  if (!order && (purchase || !event.checkout_id)) return event.event_id
  if (!tenant) return undefined
  const subject = purchase
    ? `${orderKey(source, event.order_id)}:${platform}`
    : `${order ? orderId(event.order_id) : event.checkout_id}:${platform}:${event.event_name}`
  return (await sha256(`${tenant}:${subject}`))?.slice(0, 32)
}
