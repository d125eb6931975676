// One event of Shopify's on its way to the gateway: as Shopify's own envelope, with the ids that
// attributary.js and the platforms' tags keep in cookies, without what we do not need.

import { withoutDetails, type Checkout } from './personal'

export interface Privacy {
  analyticsProcessingAllowed: boolean
  marketingAllowed: boolean
}

/** What we read of a standard event. */
export interface Happened {
  id: string
  name: string
  timestamp: string
  clientId: string | null
  context?: {
    document?: { location?: { href?: string }; referrer?: string }
    navigator?: { userAgent?: string }
  }
  data?: { checkout?: Checkout } & Record<string, unknown>
}

export interface Ends {
  key: string
  endpoint: string
  hash: boolean
  privacy: () => Privacy
  cookie: (name: string) => Promise<string | undefined>
  log: (...what: unknown[]) => void
}

const ATTEMPTS = 4
const FIRST_RETRY_MS = 1_000

type Pair = { key: string; value: string }

/** The cookie's part that is the id, under the name of a cart attribute. */
const COOKIES: [cookie: string, attribute: string, part: RegExp, marketing: boolean][] = [
  ['_attributary_id', '_attributary_visitor_id', /.+/, false],
  ['_attributary_session', '_attributary_session_id', /^[^.]+/, false],
  ['_ga', '_ga4_client_id', /\d+\.\d+$/, false],
  ['_fbp', '_meta_fbp', /.+/, true],
  ['_fbc', '_meta_fbc', /.+/, true],
  ['_ttp', '_ttp', /.+/, true],
  ['_scid', '_scid', /.+/, true],
  ['_epik', '_pinterest_epik', /.+/, true],
]

async function attributes({ cookie, privacy }: Ends): Promise<Pair[]> {
  const found: Pair[] = []
  for (const [name, key, part, marketing] of COOKIES) {
    if (marketing && !privacy().marketingAllowed) continue
    const value = part.exec((await cookie(name).catch(() => '')) ?? '')?.[0]
    if (value) found.push({ key, value: decodeURIComponent(value) })
  }
  return found
}

async function envelope(event: Happened, ends: Ends) {
  const { id, name, timestamp, clientId, context, data } = event
  const checkout = data?.checkout
  return {
    id,
    name,
    timestamp,
    clientId,
    context: {
      document: {
        location: { href: context?.document?.location?.href },
        referrer: context?.document?.referrer,
      },
      navigator: { userAgent: context?.navigator?.userAgent },
    },
    data: checkout && ends.hash ? { ...data, checkout: await withoutDetails(checkout) } : data,
    attributes: await attributes(ends),
    customerPrivacy: ends.privacy(),
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Whether the gateway has answered for good. */
async function post(url: string, body: string): Promise<boolean> {
  try {
    const { status } = await fetch(url, {
      method: 'POST',
      keepalive: body.length < 60_000,
      headers: { 'content-type': 'text/plain' },
      body,
    })
    return status < 500 && status !== 429
  } catch {
    return false
  }
}

export function makeForward(ends: Ends): (event: Happened) => Promise<void> {
  const url = `${ends.endpoint.replace(/\/$/, '')}/api/events/checkout?key=${encodeURIComponent(ends.key)}`
  return async (event) => {
    try {
      if (!ends.privacy().analyticsProcessingAllowed) return
      const said = await envelope(event, ends)
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const done = await post(url, JSON.stringify({ ...said, sent_at: Date.now() }))
        ends.log(event.name, done ? 'sent' : 'not sent', said)
        if (done || attempt === ATTEMPTS) return
        await wait(FIRST_RETRY_MS * 2 ** (attempt - 1))
        if (!ends.privacy().analyticsProcessingAllowed) return
      }
    } catch (error) {
      ends.log(error)
    }
  }
}
