// Sessions as GA4 counts them: 30 minutes without an event end one; neither midnight nor another
// campaign does.

import { random } from './ids'
import type { Storage } from './storage'

const NAME = '_attributary_session'
const IDLE_MS = 1_800_000

export interface Session {
  id: string
  /** Whether its first page view has been sent. */
  viewed: boolean
}

export function parse(text: string | undefined, now: number): Session | undefined {
  const [id, at, viewed] = (text ?? '').split('.')
  const age = now - Number(at)
  if (!id || !(age < IDLE_MS)) return undefined
  return { id, viewed: viewed === '1' }
}

/** The session as it was before the call, which keeps it alive and may note its first view. */
export function session(storage: Storage, now: number, viewed = false): Session {
  const found = parse(storage.get(NAME), now) ?? { id: random(), viewed: false }
  storage.set(NAME, [found.id, now, found.viewed || viewed ? 1 : 0].join('.'), 1)
  return found
}

export const forget = (storage: Storage) => storage.remove(NAME)
