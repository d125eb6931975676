// What an address says of the marketing that led to it; the names are the gateway's.

import type { Touch } from '../attributary'

type Marketing = Record<string, string>

const UTM = 'utm_'
const UTMS = 'source medium campaign term content'.split(' ').map((name) => UTM + name)

/** Click ids, and the source that each one stands for. */
const CLICKS: Record<string, string> = {
  gclid: 'google',
  gbraid: 'google',
  wbraid: 'google',
  msclkid: 'bing',
  fbclid: 'facebook',
  ttclid: 'tiktok',
  sccid: 'snapchat',
  epik: 'pinterest',
  li_fat_id: 'linkedin',
}
const NAMES = [...UTMS, ...Object.keys(CLICKS), 'ref', 'creator']
const LONGEST = 512

const named = (parameter: string) => NAMES.find((name) => name === parameter.toLowerCase())

/** A plus in a click id is a plus, though a form would have it a space. */
const parsed = (url: string) => new URL(url.replace(/\+/g, '%2B'))

/** UTMs, click ids and codes in lower-case names; the first value of a name counts. */
export function marketing(url: string): Marketing {
  const found: Marketing = {}
  for (const [parameter, raw] of parsed(url).searchParams) {
    const name = named(parameter)
    const value = raw.trim().slice(0, LONGEST)
    if (name && value) found[name] ??= CLICKS[name] ? value : value.replace(/\+/g, ' ')
  }
  return found
}

/** The address without what `marketing` finds in it. */
export function stripped(url: string): string {
  const left = parsed(url)
  for (const name of [...left.searchParams.keys()]) if (named(name)) left.searchParams.delete(name)
  return left.href
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, '')
  } catch {
    return ''
  }
}

/** The referrer's host, unless it is the page's own site. */
export function externalHost(referrer: string, url: string): string {
  const from = hostOf(referrer)
  const own = hostOf(url)
  const within = (inner: string, outer: string) => ('.' + inner).endsWith('.' + outer)
  return own && (within(from, own) || within(own, from)) ? '' : from
}

/** An arrival by the address and by who referred to it. */
export function touch(url: string, referrer: string, at: number): Touch {
  const host = externalHost(referrer, url)
  const landing = url.split(/[?#]/)[0]!.slice(0, 128)
  return { at, ...marketing(url), ...(host && { referrer: host }), landing }
}

/** What of a touch says where the visitor came from; empty for a direct one. */
export const news = ({ at: _, landing: __, ...said }: Touch) => Object.values(said).join('\n')

/** The click id of a touch, and its name. */
export function click(of: Touch): [name: string, value: string] | undefined {
  const name = Object.keys(CLICKS).find((each) => of[each])
  return name ? [name, String(of[name])] : undefined
}

/** Source and medium in analytics' words; the channel is for the gateway to say. */
export function origin(of: Touch): [source: string, medium: string] {
  const name = click(of)?.[0]
  const source = of.utm_source || of.creator || of.ref || (name && CLICKS[name]) || of.referrer
  const medium =
    of.utm_medium ||
    (of.creator && 'influencer') ||
    (of.ref && 'affiliate') ||
    (name && 'cpc') ||
    (source ? 'referral' : '(none)')
  return [String(source || '(direct)'), String(medium)]
}
