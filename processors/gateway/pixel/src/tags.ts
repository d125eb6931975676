// The platforms' own tags, each off until its id is configured; a file of its own, which only shops
// with such an id load. A tag is a queue that the platform's script empties once it has come; it is
// loaded only while consent allows.

import type { Consent, EventFields, Vendors } from '../attributary'
import type { ConsentState } from './consent'
import { hasOrder, orderKey, platformEventId } from './ids'
import { fieldsFor, ga4Name, isStandard, snapchatName } from './names'

type Call = (...args: unknown[]) => void
type Tag = Call & Record<string, any>

export interface Told {
  name: string
  event_id: string
  fields: EventFields
}

const page = window as unknown as Record<string, any>

function script(src: string): void {
  const tag = document.createElement('script')
  tag.async = true
  tag.src = src
  document.head.append(tag)
}

/** A global function that keeps its calls, under the property, until the real one comes. */
function queued(name: string, property: string): Tag {
  const stub: Tag = (...args) =>
    stub.callMethod
      ? stub.callMethod(...args)
      : stub.handleRequest
        ? stub.handleRequest(...args)
        : stub[property].push(args)
  stub[property] = []
  return (page[name] = stub)
}

function gtag(): Call {
  page.dataLayer ??= []
  // Google's script wants the arguments object, not an array.
  page.gtag ??= function () {
    page.dataLayer.push(arguments)
  }
  return page.gtag
}

const loaders: Record<string, (id: string, flags: Consent) => void> = {
  ga4: google,
  google_ads: google,
  meta(id) {
    if (!page.fbq) {
      const fbq = queued('fbq', 'queue')
      page._fbq ??= fbq
      // Views are told by us, under the gateway's ids.
      Object.assign(fbq, { push: fbq, loaded: true, version: '2.0', disablePushState: true })
      script('https://connect.facebook.net/en_US/fbevents.js')
    }
    page.fbq('init', id)
  },
  tiktok(id) {
    if (page.ttq) return
    const ttq: any = []
    for (const name of ['page', 'track', 'identify', 'grantConsent', 'revokeConsent', 'load'])
      ttq[name] = (...args: unknown[]) => ttq.push([name, ...args])
    const source = 'https://analytics.tiktok.com/i18n/pixel/events.js'
    page.TiktokAnalyticsObject = 'ttq'
    Object.assign(ttq, { _i: { [id]: Object.assign([], { _u: source }) }, _t: {}, _o: {} })
    ttq._t[id] = Date.now()
    ttq._o[id] = {}
    page.ttq = ttq
    script(`${source}?sdkid=${encodeURIComponent(id)}&lib=ttq`)
  },
  snapchat(id) {
    if (!page.snaptr) {
      queued('snaptr', 'queue')
      script('https://sc-static.net/scevent.min.js')
    }
    page.snaptr('init', id)
  },
}

function google(id: string, flags: Consent): void {
  const first = !page.gtag
  const call = gtag()
  if (first) {
    if (Object.keys(flags).length) call('consent', 'default', flags)
    call('js', new Date())
    script('https://www.googletagmanager.com/gtag/js?id=' + encodeURIComponent(id))
  }
  call('config', id, { send_page_view: false })
}

/** An event, with its order as the gateway names it. */
type Said = Told & { order: string | undefined }

const tell: Record<string, (said: Said, id: string, vendors: Vendors) => void> = {
  ga4({ name, fields, order }, _, { ga4, ga4_events }) {
    if (!ga4_events) return
    gtag()('event', ga4Name(name), { ...fieldsFor('ga4', fields, order), send_to: ga4 })
  },
  meta({ name, fields, order }, eventID) {
    const call = isStandard(name) ? 'track' : 'trackCustom'
    page.fbq(call, name, fieldsFor('meta', fields, order), { eventID })
  },
  tiktok({ name, fields, order }, event_id, { tiktok_purchase }) {
    if (name === 'PageView') return page.ttq.page()
    const called = name === 'Purchase' ? (tiktok_purchase ?? name) : name
    page.ttq.track(called, fieldsFor('tiktok', fields, order), { event_id })
  },
  snapchat({ name, fields, order }, client_dedup_id) {
    const called = snapchatName(name)
    if (!called) return
    page.snaptr('track', called, { ...fieldsFor('snapchat', fields, order), client_dedup_id })
  },
}

export interface Tags {
  fire(told: Told): void
  /** Loads what is configured and allowed by now, and tells loaded tags of a decision. `follows`:
   * it came from Google's own layer. */
  consented(follows: boolean): void
  eventId(platform: string, told: Told): Promise<string | undefined>
}

export interface Shop {
  tenant: string | undefined
  source: string
  vendors: Vendors
}

export function makeTags(
  { tenant, source, vendors }: Shop,
  consent: ConsentState,
  log: (...what: unknown[]) => void,
): Tags {
  const loaded = new Set<string>()
  const allowed = (platform: string) =>
    platform === 'ga4'
      ? consent.analytics
      : consent.ads && consent.flags().ad_user_data !== 'denied'
  const eventId = (platform: string, { name, event_id, fields }: Told) =>
    platformEventId(tenant, source, platform, { ...fields, event_name: name, event_id })

  function load(): void {
    for (const platform in loaders) {
      const id = (vendors as Record<string, string | undefined>)[platform]
      if (!id || loaded.has(platform) || !allowed(platform)) continue
      loaded.add(platform)
      loaders[platform]!(id, consent.flags())
      log('tag loaded', platform, id)
    }
  }

  return {
    eventId,
    fire(told) {
      load()
      const { order_id } = told.fields
      const said = { ...told, order: hasOrder(order_id) ? orderKey(source, order_id) : undefined }
      for (const platform of loaded) {
        const fire = tell[platform]
        if (!fire || !allowed(platform)) continue
        eventId(platform, told)
          .then((id) => {
            if (!id) log('no id without tenant and a secure page', platform, told.name)
            else if (allowed(platform)) fire(said, id, vendors)
          })
          .catch(log)
      }
    },
    consented(follows) {
      const on = allowed('meta')
      if ((loaded.has('ga4') || loaded.has('google_ads')) && !follows)
        gtag()('consent', 'update', consent.flags())
      if (loaded.has('meta')) page.fbq('consent', on ? 'grant' : 'revoke')
      if (loaded.has('tiktok')) page.ttq[on ? 'grantConsent' : 'revokeConsent']()
      load()
    },
  }
}
