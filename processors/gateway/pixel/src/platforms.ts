// The ids that other scripts and Meta's documentation keep in first-party cookies.

import { marketing } from './landing'
import { cookies, type Storage } from './storage'

const DAYS = 90

/** Meta's, TikTok's, Snapchat's and Pinterest's, named as the gateway names them but for a `_`. */
const COOKIES = 'fbp fbc ttp scid epik'.split(' ')

/** `123.456` of `_ga=GA1.1.123.456`. */
export const ga4Client = (cookies: string) =>
  /(?:^|; )_ga=GA\d+\.\d+\.(\d+\.\d+)/.exec(cookies)?.[1]

/** The session's digits of `_ga_X=GS1.1.170...` and `_ga_X=GS2.1.s170$o1...`; without a
 * measurement id of the first that is there. */
export const ga4Session = (cookies: string, measurement = 'G-\\w+') =>
  RegExp(`(?:^|; )_ga_${measurement.slice(2)}=GS\\d\\.\\d+\\.s?(\\d+)`).exec(cookies)?.[1]

/** `fb.{labels of the cookie's domain less one}.{ms}.{what}` */
const metaCookie = (domain: string, now: number, what: string | number) =>
  `fb.${domain ? domain.split('.').length - 1 : 1}.${now}.${what}`

/** Makes `_fbp` where there is none, and `_fbc` where the address has a click id it lacks. */
export function meta(storage: Storage, url: string, now: number): void {
  const { fbclid } = marketing(url)
  if (!storage.get('_fbp')) {
    const random = crypto.getRandomValues(new Uint32Array(1))[0]! + 1e9
    storage.set('_fbp', metaCookie(storage.domain, now, random), DAYS)
  }
  if (fbclid && storage.get('_fbc')?.split('.')[3] !== fbclid)
    storage.set('_fbc', metaCookie(storage.domain, now, fbclid), DAYS)
}

export function forgetMeta(storage: Storage): void {
  storage.remove('_fbp')
  storage.remove('_fbc')
}

/** The ids, those of advertising only where consent allows. */
export function platformIds(
  storage: Storage,
  ads: boolean,
  measurement: string | undefined,
): Record<string, string | undefined> {
  return {
    ga4_client_id: ga4Client(cookies()),
    ga4_session_id: ga4Session(cookies(), measurement),
    ...(ads &&
      Object.fromEntries(COOKIES.map((name) => [name, storage.get('_' + name)]))),
  }
}
