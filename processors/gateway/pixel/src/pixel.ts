// One shop's pixel: from a call of the page to an event on its way to the gateway.

import type {
  AttributionSummary,
  CartAttributes,
  Consent,
  EventFields,
  Options,
  Person,
} from '../attributary'
import { cartAttributes, write } from './cart'
import { follow, makeConsent } from './consent'
import { deviceType } from './device'
import { isRepeat, place, watch } from './history'
import { hasOrder, orderId, orderKey, random } from './ids'
import { click, news, origin, stripped, touch } from './landing'
import { described } from './person'
import { forgetMeta, meta, platformIds } from './platforms'
import { makeQueue } from './queue'
import * as sessions from './session'
import { makeStorage } from './storage'
import type { Tags } from './tags'
import type { Item } from './transport'
import * as visitors from './visitor'

/** Where the gateway has the other file; the build fills it in. */
declare const TAGS_PATH: string

const EVENTS = '/v1/events'
const TOP = 'value currency contents order_id checkout_id'.split(' ')
const CART = '_attributary_cart'
const MOST_HELD = 100

interface View {
  url: string
  referrer: string
  at: number
  /** Nobody has arrived: the page was shown before. */
  repeat: boolean
}

export type Pixel = ReturnType<typeof makePixel>

export function makePixel(options: Options, origins: string) {
  const log = (...what: unknown[]) => {
    if (options.enable_debug) console.log('[attributary]', ...what)
  }
  const endpoint = (options.endpoint ?? origins).replace(/\/$/, '')
  const source = options.order_source ?? 'api'
  const hashRoutes = !!options.hash_routes
  const hashed = options.hash_pii !== false
  const vendors = { ...options.vendors }
  const consent = makeConsent()
  const storage = makeStorage(options.cookie_domain)
  const url = (path: string) => endpoint + path + '?key=' + encodeURIComponent(options.key)
  const queue = makeQueue({ storage, url, log })
  let loading: Promise<Tags> | undefined
  /** What happened while consent was denied: it is told once consent is given, or never. */
  const held: (() => void)[] = []
  let who: Record<string, string> = {}
  let userProperties: Record<string, unknown> | undefined
  let shown = ''
  let referrer = document.referrer

  const ids = () => ({ ...platformIds(storage, consent.ads, vendors.ga4), ...who })

  /** The part for platforms' tags, which is loaded when first wanted. */
  const tags = () =>
    (loading ??= import(endpoint + TAGS_PATH).then((part) =>
      part.makeTags({ tenant: options.tenant, source, vendors }, consent, log),
    ))

  function tell(what: (tags: Tags) => void): void {
    if (loading || (consent.analytics && Object.keys(vendors).length)) tags().then(what).catch(log)
  }

  const device = () => deviceType(navigator.userAgent, navigator.maxTouchPoints)

  function whenAllowed(act: () => void): void {
    if (consent.analytics) act()
    else if (held.push(act) > MOST_HELD) held.shift()
  }

  /** Hashing takes a moment, in which consent may go. */
  function add(path: string, event: Item): void {
    if (consent.analytics) queue.add(path, event)
  }

  /** What every item has: who, in which session, under which consent. */
  function item(event_id: string, at: number, session_id: string) {
    return {
      event_id,
      occurred_at: at,
      visitor_id: visitors.visitorId(storage),
      session_id,
      identifiers: ids(),
      consent: consent.flags(),
    }
  }

  function send(name: string, fields: EventFields, view: View, tagged: boolean): void {
    const { event_id, user_data, ...rest } = fields
    const order = hasOrder(fields.order_id) ? orderKey(source, fields.order_id) : ''
    const id = event_id ?? (name === 'Purchase' && order ? `purchase-${order}` : random())
    const top: Record<string, unknown> = {}
    const properties: Record<string, unknown> = { ...userProperties }
    for (const key in rest) (TOP.includes(key) ? top : properties)[key] = rest[key]
    if (order) Object.assign(top, { order_id: orderId(fields.order_id), order_source: source })
    const isView = name === 'PageView'
    const session = sessions.session(storage, view.at, isView)
    if (isView) {
      properties.device_type = device()
      arrived(view)
    }
    const last = !isView && consent.ads && visitors.touches(storage)?.last
    const clicked = last && click(last)
    const event = {
      ...item(id, view.at, session.id),
      event_name: name,
      url: view.url,
      referrer: view.referrer || undefined,
      ...(isView && !session.viewed && { session_start: true }),
      ...(clicked && { [clicked[0]]: clicked[1] }),
      ...top,
      properties,
    }
    if (user_data)
      void described(user_data, hashed).then(
        ({ identifiers, user_data }) =>
          add(EVENTS, {
            ...event,
            identifiers: { ...event.identifiers, ...identifiers },
            user_data,
          }),
        log,
      )
    else add(EVENTS, event)
    if (tagged) tell((tags) => tags.fire({ name, event_id: id, fields }))
    if (name === 'AddToCart' || isView) cart()
  }

  /** A view is an arrival, unless the page is shown again by which the last one was. */
  function arrived(view: View): void {
    const found = touch(view.url, view.referrer, view.at)
    const last = visitors.touches(storage)?.last
    if (view.repeat && last && news(last) === news(found)) {
      view.url = stripped(view.url)
      if (found.referrer) view.referrer = ''
    } else {
      visitors.arrive(storage, found)
      if (consent.ads) meta(storage, view.url, view.at)
    }
  }

  function here(repeat: boolean): View {
    return { url: location.href, referrer, at: Date.now(), repeat }
  }

  function track(name: string, fields: EventFields = {}, tagged = true): void {
    const view = here(true)
    whenAllowed(() => send(name, fields, view, tagged))
  }

  function page(fields: EventFields = {}): void {
    const view = here(!!shown || isRepeat())
    shown = place(hashRoutes)
    referrer = location.href
    whenAllowed(() => send('PageView', fields, view, true))
  }

  function identify(person: Person): void {
    const at = Date.now()
    whenAllowed(() => {
      void described(person, hashed).then(({ identifiers, user_data }) => {
        const { email, phone } = user_data
        who = { ...who, ...identifiers }
        if (email) who[hashed ? 'email_sha256' : 'email'] = email
        if (phone) who[hashed ? 'phone_sha256' : 'phone'] = phone
        add('/v1/identify', {
          ...item(random(), at, sessions.session(storage, at).id),
          user_data,
        })
      }, log)
    })
  }

  function say(what: 'default' | 'update', flags: Consent, follows = false): void {
    const known = storage.open && visitors.isKnown(storage)
    if (!consent.say(what, flags)) return
    log(what, flags)
    // The gateway must hear of it, even of a refusal: it stops what still waits to be told.
    const decision = what === 'update' && known && {
      event_id: random(),
      occurred_at: Date.now(),
      visitor_id: visitors.visitorId(storage),
      consent: consent.flags(),
    }
    if (what === 'update' && !consent.analytics) {
      queue.purge()
      clearCart()
      visitors.forget(storage)
      sessions.forget(storage)
      who = {}
    }
    if (what === 'update' && !consent.ads) forgetMeta(storage)
    storage.open = consent.analytics
    if (decision) queue.add('/v1/consent', decision)
    if (consent.ads && known) meta(storage, location.href, Date.now())
    tell((tags) => tags.consented(follows))
    if (consent.analytics) for (const act of held.splice(0)) act()
  }

  function getAttributionSummary(): AttributionSummary | undefined {
    const found = consent.analytics && visitors.touches(storage)
    if (!found) return undefined
    const [first_source, first_medium] = origin(found.first)
    const [last_source, last_medium] = origin(found.last)
    const [last_click_id_name, last_click_id] = (consent.ads && click(found.last)) || []
    return {
      visitor_id: visitors.visitorId(storage),
      session_id: sessions.session(storage, Date.now()).id,
      device_type: device(),
      first_source,
      first_medium,
      last_source,
      last_medium,
      last_click_id,
      last_click_id_name,
      first_touch: found.first,
      last_touch: found.last,
    }
  }

  function cart(): CartAttributes {
    const summary = getAttributionSummary()
    const attributes = summary ? cartAttributes(summary, ids()) : {}
    const text = JSON.stringify(attributes)
    if (summary && options.cart && storage.get(CART) !== text) {
      storage.set(CART, text, 1)
      write(attributes, options.cart).catch(log)
    }
    return attributes
  }

  /** Takes back from the cart what the visitor no longer allows. */
  function clearCart(): void {
    const written = storage.get(CART)
    storage.remove(CART)
    if (!written || !options.cart) return
    const names = Object.keys(JSON.parse(written) as CartAttributes)
    write(Object.fromEntries(names.map((name) => [name, ''])), options.cart).catch(log)
  }

  consent.say('default', options.consent ?? {})
  storage.open = consent.analytics

  function start(): void {
    const safely =
      <Given extends unknown[]>(act: (...given: Given) => void) =>
      (...given: Given) => {
        try {
          act(...given)
        } catch (error) {
          log(error)
        }
      }
    const flush = () => void queue.flush().catch(log)
    const views = options.page_views !== false
    if (options.google_consent) {
      const layer = ((window as { dataLayer?: unknown[] }).dataLayer ??= [])
      const hear = (what: string, flags: Consent) =>
        say(what === 'default' ? what : 'update', flags, true)
      follow(layer, safely(hear))
    }
    if (views) {
      page()
      watch(safely(() => place(hashRoutes) !== shown && page()), hashRoutes)
    }
    addEventListener('pagehide', safely(queue.leave))
    addEventListener('online', flush)
    addEventListener(
      'pageshow',
      safely(({ persisted }) => {
        if (!persisted) return
        referrer = ''
        if (views) page()
        flush()
      }),
    )
    flush()
  }

  return {
    start,
    track,
    page,
    identify,
    consent: say,
    cart,
    getAttributionSummary,
    eventId: (platform: string, name: string, fields: EventFields) =>
      tags()
        .then((each) => each.eventId(platform, { name, fields, event_id: fields.event_id ?? '' }))
        .catch(log),
    initGA4(id: string): void {
      vendors.ga4 = id
      tell((tags) => tags.consented(true))
    },
    setUserProperties(properties: Record<string, unknown>): void {
      userProperties = { ...userProperties, ...properties }
    },
    trackEvent: track,
    trackPageView: page,
    trackPurchase: (fields: EventFields) => track('Purchase', fields),
    trackAddToCart: (fields: EventFields) => track('AddToCart', fields),
    trackViewItem: (fields: EventFields) => track('ViewContent', fields),
    trackServerEvent: (name: string, fields?: EventFields) => track(name, fields, false),
    trackServerPurchase: (fields: EventFields) => track('Purchase', fields, false),
  }
}
