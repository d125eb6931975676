// Takes over from the snippet's stub: `attributary(command, ...)` calls that were queued are made,
// and after `init` the commands are methods, too. Nothing is ever thrown into the page.

import type { Options } from '../attributary'
import { makePixel, type Pixel } from './pixel'

type Call = ArrayLike<unknown>
type Global = ((...args: unknown[]) => unknown) & Record<string, any>

const page = window as unknown as { attributary?: Global }
const script = document.currentScript as HTMLScriptElement | null

function takeOver(): void {
  const before = page.attributary
  if (before?.loaded) return
  const from = script?.src ? new URL(script.src).origin : location.origin
  const early: Call[] = []
  let pixel: Pixel | undefined

  const call = (name: string, args: unknown[]): unknown => {
    if (name === 'init') {
      if (pixel) return undefined
      pixel = makePixel(args[0] as Options, from)
      for (const each in pixel) taken[each] = (...args: unknown[]) => run([each, ...args])
      // Consent that was told ahead counts before anything is done.
      const make = (consent: boolean) =>
        early.filter((each) => (each[0] === 'consent') === consent).forEach(run)
      make(true)
      pixel.start()
      make(false)
      return undefined
    }
    if (!pixel) return void early.push([name, ...args])
    const command = pixel[name as keyof Pixel] as ((...args: unknown[]) => unknown) | undefined
    return command?.(...args)
  }

  const run = (said: Call): unknown => {
    const [name, ...args] = Array.from(said)
    try {
      // A function that comes last wants the answer; of `init` nobody does.
      const then = typeof args[args.length - 1] === 'function' && pixel && args.pop()
      const answer = call(String(name), args)
      if (then) (then as (answer: unknown) => void)(answer)
      return answer
    } catch (error) {
      console.debug('[attributary]', error)
      return undefined
    }
  }

  const taken: Global = (...args) => run(args)
  taken.loaded = true
  page.attributary = taken
  for (const each of before?.q ?? []) run(each)
}

function begin(): void {
  try {
    takeOver()
  } catch (error) {
    console.debug?.('[attributary]', error)
  }
}

// A page that is rendered ahead of a visit has not been visited yet.
const ahead = document as { prerendering?: boolean }
if (ahead.prerendering) document.addEventListener('prerenderingchange', begin, { once: true })
else begin()
