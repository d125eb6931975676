// Types of attributary.js, which a page takes in like this:
//
//   <script>
//   window.attributary = window.attributary ||
//     function () { (attributary.q = attributary.q || []).push(arguments) }
//   attributary('init', { key: 'a browser key', tenant: 'the tenant' })
//   </script>
//   <script async src="https://GATEWAY/attributary.js"></script>
//
// After `init` each command is also a method: attributary('track', 'AddToCart', {...}) is
// attributary.track('AddToCart', {...}). A page that pins a version takes path and integrity from
// https://GATEWAY/attributary.json, with crossorigin="anonymous".

export type Flag = 'granted' | 'denied'

/** Google's consent-mode flags. Without a flag the shop's setting at the gateway decides. */
export interface Consent {
  /** Denied: no advertising cookie is made or read, no advertising tag is loaded. */
  ad_storage?: Flag
  ad_user_data?: Flag
  ad_personalization?: Flag
  /** Denied: nothing is stored and nothing is sent; what the page does is held in memory. */
  analytics_storage?: Flag
}

/** Tags of advertising platforms; each is off until its id is here, and consent allows it. */
export interface Vendors {
  ga4?: string
  /** The gateway sends the events to GA4, which cannot merge two senders; true: the tag does. */
  ga4_events?: boolean
  google_ads?: string
  meta?: string
  tiktok?: string
  /** The name that the gateway's TikTok connector uses, too. Default: Purchase. */
  tiktok_purchase?: string
  snapchat?: string
}

export type CartAttributes = Record<string, string>

export interface Options {
  /** A browser key of the gateway. */
  key: string
  /** The gateway; default: where attributary.js came from. */
  endpoint?: string
  /** The shop's tenant id; vendor tags need it, to send events under the gateway's ids. */
  tenant?: string
  /** Which shop the order ids are of. Default: api. */
  order_source?: string
  consent?: Consent
  /** Follow `consent` calls that others push to `dataLayer`. */
  google_consent?: boolean
  /** Default: the broadest domain on which a cookie can be set. */
  cookie_domain?: string
  /** Default: true. A view for each load, history entry and return from the back-forward cache. */
  page_views?: boolean
  /** Whether the part after # names a page. */
  hash_routes?: boolean
  /** Where ids for the order go: Shopify's cart, or a function of yours. */
  cart?: 'shopify' | ((attributes: CartAttributes) => void)
  /** Default: true. Emails, phones and names leave the page as SHA-256 only. */
  hash_pii?: boolean
  vendors?: Vendors
  enable_debug?: boolean
}

export interface Content {
  product_id?: string | number
  sku?: string
  title?: string
  quantity?: number
  price?: string | number
}

export interface Person {
  customer_id?: string
  external_id?: string
  device_id?: string
  email?: string
  phone?: string
  email_sha256?: string
  phone_sha256?: string
  first_name?: string
  last_name?: string
  city?: string
  state?: string
  zip?: string
  country?: string
}

/** Anything else than these fields is kept in `properties`. */
export interface EventFields {
  event_id?: string
  value?: number | string
  currency?: string
  contents?: Content[]
  order_id?: string | number
  checkout_id?: string
  user_data?: Person
  [property: string]: unknown
}

/** One arrival: its UTMs, click ids and codes under their own names in lower case. */
export interface Touch {
  at: number
  referrer?: string
  landing?: string
  [parameter: string]: string | number | undefined
}

export interface AttributionSummary {
  visitor_id: string
  session_id: string
  device_type: 'desktop' | 'mobile' | 'tablet'
  first_source: string
  first_medium: string
  last_source: string
  last_medium: string
  last_click_id?: string
  last_click_id_name?: string
  first_touch: Touch
  last_touch: Touch
}

export interface Commands {
  init(options: Options): void
  /** A standard event by its name (PageView ... Subscribe), or one of your own. */
  track(name: string, fields?: EventFields): void
  page(fields?: EventFields): void
  identify(person: Person): void
  consent(what: 'default' | 'update', flags: Consent): void
  /** The id under which browser and gateway both tell a platform of the event. */
  eventId(platform: string, name: string, fields: EventFields): Promise<string | undefined>
  /** Writes the attributes where `cart` says, and returns them. */
  cart(): CartAttributes
  /** Undefined while consent is denied. */
  getAttributionSummary(): AttributionSummary | undefined
  initGA4(measurementId: string): void
  trackEvent(name: string, fields?: EventFields): void
  trackPageView(fields?: EventFields): void
  trackPurchase(fields: EventFields): void
  trackAddToCart(fields: EventFields): void
  trackViewItem(fields: EventFields): void
  /** To the gateway alone; no tag in the page fires. */
  trackServerEvent(name: string, fields?: EventFields): void
  trackServerPurchase(fields: EventFields): void
  setUserProperties(properties: Record<string, unknown>): void
}

/** Calls made before the script has loaded are queued; a function as the last argument is
 * called with the answer. */
export type Attributary = Commands &
  (<Name extends keyof Commands>(
    command: Name,
    ...args: [
      ...Parameters<Commands[Name]>,
      ((answer: ReturnType<Commands[Name]>) => void)?,
    ]
  ) => ReturnType<Commands[Name]> | undefined)

declare global {
  interface Window {
    attributary: Attributary
  }
}
