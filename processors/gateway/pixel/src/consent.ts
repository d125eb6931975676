// What the visitor allows: defaults first, then the latest update of each flag.

import type { Consent, Flag } from '../attributary'

export interface ConsentState {
  say(what: string, flags: Consent): boolean
  flags(): Consent
  /** Whether anything may be stored and sent. */
  readonly analytics: boolean
  /** Whether ids of advertising may be made and read. */
  readonly ads: boolean
}

export function makeConsent(): ConsentState {
  const defaults: Consent = {}
  const updates: Consent = {}
  const flags = () => ({ ...defaults, ...updates })
  return {
    flags,
    /** Takes the flags, and says whether anything changed. */
    say(what, said) {
      let changed = false
      for (const [flag, value] of Object.entries(said) as [keyof Consent, Flag][]) {
        if (value !== 'granted' && value !== 'denied') continue
        const before = flags()[flag]
        ;(what === 'default' ? defaults : updates)[flag] = value
        changed ||= flags()[flag] !== before
      }
      return changed
    },
    get analytics() {
      return flags().analytics_storage !== 'denied'
    },
    get ads() {
      return this.analytics && flags().ad_storage !== 'denied'
    },
  }
}

/** Hears the `consent` calls that anyone has made or makes through Google's data layer. */
export function follow(layer: unknown[], hear: (what: string, flags: Consent) => void): void {
  const look = (entry: unknown) => {
    const [command, what, flags] = Array.from(Object(entry) as ArrayLike<unknown>)
    if (command === 'consent') hear(String(what), Object(flags) as Consent)
  }
  layer.forEach(look)
  const push = layer.push
  layer.push = function (...entries) {
    const length = push.apply(layer, entries)
    entries.forEach(look)
    return length
  }
}
