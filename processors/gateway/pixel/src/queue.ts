// What is still to be sent. An entry lies in localStorage (so it outlives the page, the browser and
// a lost network) until the gateway has answered for it; without localStorage, in memory.
//
// Each entry belongs to the page that made it. One that was sent is leased: no page sends it again
// before the answer is overdue. A page that goes trusts the browser with what is on its way for the
// first time, and lets go of the rest; any page of the shop takes over entries that nobody tends.
// The gateway tells copies by their ids.

import { random } from './ids'
import type { Storage } from './storage'
import { beacon, body, post, survives, type Item } from './transport'

const PREFIX = '_attributary_q.'
const MOST_ENTRIES = 200
const BATCH_ITEMS = 20
const LEASE_MS = 30_000
const GRACE_MS = 5_000
const GATHER_MS = 10
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000

interface Entry {
  path: string
  item: Item
  /** The page whose it is; empty: anyone's. */
  owner: string
  /** When it may be sent. */
  due: number
  tries: number
}

/** The browser is sure only of the one: what it calls online may be so in name alone. */
const isOffline = () => navigator.onLine === false

export interface Queue {
  add(path: string, item: Item): void
  /** Sends what is due. */
  flush(): Promise<void>
  /** The page goes: hands over what has not been sent. */
  leave(): void
  /** Forgets every event that waits. */
  purge(): void
}

export interface Ends {
  storage: Storage
  url: (path: string) => string
  log: (...what: unknown[]) => void
}

export const backoff = (tries: number, chance: number) =>
  Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)) * (0.75 + chance / 2)

export function makeQueue({ storage, url, log }: Ends): Queue {
  const me = random()
  const { box } = storage
  const memory = new Map<string, Entry>()
  /** In flight, and surviving the page. */
  const flying = new Set<string>()
  let timer = 0
  let busy = false

  function save(id: string, entry: Entry): void {
    const text = JSON.stringify(entry)
    try {
      if (!storage.open || !box) throw 0
      box.setItem(PREFIX + id, text)
      memory.delete(id)
    } catch {
      memory.set(id, entry)
    }
  }

  function remove(id: string): void {
    memory.delete(id)
    box?.removeItem(PREFIX + id)
  }

  const has = (id: string) => memory.has(id) || !!box?.getItem(PREFIX + id)

  function entries(): [string, Entry][] {
    const found = [...memory]
    if (!box || !storage.open) return found
    for (const key of Object.keys(box)) {
      if (!key.startsWith(PREFIX)) continue
      try {
        const entry = JSON.parse(box.getItem(key)!) as Entry
        if (entry.item.event_id) found.push([key.slice(PREFIX.length), entry])
      } catch {
        box.removeItem(key)
      }
    }
    return found.sort((a, b) => a[1].item.occurred_at - b[1].item.occurred_at)
  }

  /** While no other page of the shop does the same, where the browser can tell. */
  async function alone<Found>(act: () => Found): Promise<Found> {
    const locks = navigator.locks as LockManager | undefined
    return locks ? (locks.request(PREFIX, act).catch(act) as Promise<Found>) : act()
  }

  function plan(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => flush().catch(log), ms) as unknown as number
  }

  /** The next request: entries of one path, the oldest first; ours, or those nobody tends. */
  function claim(): [string, Entry][] {
    const now = Date.now()
    const due = entries().filter(
      ([, entry]) => entry.due + (!entry.owner || entry.owner === me ? 0 : GRACE_MS) <= now,
    )
    const rows = due.filter(([, { path }]) => path === due[0]![1].path).slice(0, BATCH_ITEMS)
    for (const [id, entry] of rows) save(id, { ...entry, owner: me, due: now + LEASE_MS })
    return rows
  }

  function settle(rows: [string, Entry][], done: boolean): void {
    for (const [id, entry] of rows) {
      flying.delete(id)
      // What is gone by now was trusted to the browser, or forgotten: its answer counts no more.
      if (done || !has(id)) remove(id)
      else {
        const tries = entry.tries + (isOffline() ? 0 : 1)
        const wait = isOffline() ? 0 : backoff(tries, Math.random())
        save(id, { ...entry, owner: me, tries, due: Date.now() + wait })
      }
    }
  }

  async function flush(): Promise<void> {
    if (busy) return
    busy = true
    try {
      while (!isOffline()) {
        const rows = await alone(claim)
        if (!rows.length) break
        const text = body(rows.map(([, { item }]) => item))
        if (survives(text)) for (const [id] of rows) flying.add(id)
        settle(rows, await post(url(rows[0]![1].path), text, log))
      }
    } finally {
      busy = false
    }
    const waiting = entries().map(([, e]) => e.due + (e.owner === me ? 0 : GRACE_MS))
    if (waiting.length && !isOffline())
      plan(Math.max(FIRST_RETRY_MS / 4, Math.min(...waiting) - Date.now()))
  }

  return {
    add(path, item) {
      const kept = entries()
      for (const [id] of kept.slice(0, Math.max(0, kept.length - MOST_ENTRIES + 1))) {
        log('dropped', id)
        remove(id)
      }
      save(item.event_id, { path, item, owner: me, due: Date.now(), tries: 0 })
      if (!busy) plan(GATHER_MS)
    },
    flush,
    leave() {
      for (const [id, entry] of entries()) {
        if (entry.owner !== me) continue
        const isTrusted = !entry.tries && !isOffline()
        if (isTrusted && (flying.has(id) || beacon(url(entry.path), body([entry.item])))) remove(id)
        else if (!flying.has(id)) save(id, { ...entry, owner: '' })
      }
    },
    purge() {
      for (const [id, { path }] of entries()) if (path !== '/v1/consent') remove(id)
    },
  }
}
