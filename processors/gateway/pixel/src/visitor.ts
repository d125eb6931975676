// Who it is on this device, and by which arrivals they came: the first is never overwritten, the
// last is by each arrival that has a source.

import type { Touch } from '../attributary'
import { random } from './ids'
import { news } from './landing'
import type { Storage } from './storage'

const VISITOR = '_attributary_id'
const TOUCHES = '_attributary'
const DAYS = 400

export interface Touches {
  first: Touch
  last: Touch
}

export function visitorId(storage: Storage): string {
  // Another tab may be faster; what is kept counts.
  if (!storage.get(VISITOR)) storage.set(VISITOR, random(), DAYS)
  return storage.get(VISITOR)!
}

export const isKnown = (storage: Storage) => !!storage.get(VISITOR)

/** The touches as they are kept. */
export function touches(storage: Storage): Touches | undefined {
  try {
    const found = JSON.parse(storage.get(TOUCHES) ?? '') as Touches
    return found.first && found.last ? found : undefined
  } catch {
    return undefined
  }
}

/** Notes an arrival, which is the last touch if it has a source, and the first if none was. */
export function arrive(storage: Storage, found: Touch): void {
  const known = touches(storage)
  if (known && !news(found)) return
  const kept = { first: known?.first ?? found, last: found }
  storage.set(TOUCHES, JSON.stringify(kept), DAYS)
}

export function forget(storage: Storage): void {
  storage.remove(VISITOR)
  storage.remove(TOUCHES)
}
