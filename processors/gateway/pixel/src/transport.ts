// One request to the gateway: as text, which needs no preflight, and outliving the page.

export interface Item {
  event_id: string
  occurred_at: number
  [field: string]: unknown
}

/** Browsers refuse keepalive for more than 64 KiB in flight. */
const KEEPALIVE_CHARACTERS = 60_000

export const body = (items: Item[]) => {
  const sent_at = Date.now()
  return JSON.stringify(items.map((item) => ({ ...item, sent_at })))
}

/** Whether the browser lets a request go on without its page. */
export const survives = (text: string) => text.length < KEEPALIVE_CHARACTERS

/** Whether an answer is the last word: a refusal is, as sending again will not help, but a wrong
 * key, a timeout and too many requests are no fault of the items. */
export const isFinal = (status: number) =>
  status < 500 && ![401, 403, 404, 408, 429].includes(status)

/** Sends, and says whether that is done with. */
export async function post(
  url: string,
  text: string,
  log: (...what: unknown[]) => void,
): Promise<boolean> {
  try {
    const { status } = await fetch(url, {
      method: 'POST',
      body: text,
      keepalive: survives(text),
    })
    log(status, text)
    return isFinal(status)
  } catch (error) {
    log(error)
    return false
  }
}

/** Whether the browser has promised to send it after the page is gone. */
export const beacon = (url: string, text: string) => navigator.sendBeacon(url, text)
