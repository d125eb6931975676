// Where names and values are kept: a cookie, else localStorage, else the page's memory. Nothing
// here throws, and while it is shut (no consent) only memory is used.

const PROBE = '_attributary_probe'
const DAY_SECONDS = 86_400

export interface Storage {
  /** Set to whether consent lets us store and read. */
  open: boolean
  /** localStorage, where the browser has it. */
  box: globalThis.Storage | undefined
  domain: string
  get(name: string): string | undefined
  set(name: string, value: string, days: number): void
  remove(name: string): void
}

function local(): globalThis.Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

/** Every cookie of the page; none where the browser refuses to tell. */
export function cookies(): string {
  try {
    return document.cookie
  } catch {
    return ''
  }
}

function read(name: string): string | undefined {
  const found = cookies().split('; ').find((each) => each.startsWith(name + '='))
  try {
    return found && decodeURIComponent(found.slice(name.length + 1))
  } catch {
    return undefined
  }
}

function write(name: string, value: string, seconds: number, domain: string): void {
  try {
    document.cookie =
      `${name}=${encodeURIComponent(value)};path=/;max-age=${seconds};samesite=lax` +
      (domain && ';domain=' + domain) +
      (location.protocol === 'https:' ? ';secure' : '')
  } catch {
    // sandboxed, or blocked
  }
}

/** The broadest domain on which a cookie sticks; empty for the host alone. */
function broadest(host: string): string {
  const labels = host.split('.')
  if (/^[\d.]+$|:/.test(host)) return ''
  for (let from = labels.length - 1; from-- > 0; ) {
    const domain = labels.slice(from).join('.')
    write(PROBE, '1', 60, domain)
    if (read(PROBE)) {
      write(PROBE, '', 0, domain)
      return domain
    }
  }
  return ''
}

export function makeStorage(domain?: string): Storage {
  const memory: Record<string, string> = {}
  const box = local()
  return {
    open: true,
    box,
    get domain() {
      return (domain ??= broadest(location.hostname))
    },
    get(name) {
      return (this.open && (read(name) ?? box?.getItem(name))) || memory[name]
    },
    set(name, value, days) {
      memory[name] = value
      if (!this.open) return
      write(name, value, days * DAY_SECONDS, this.domain)
      if (read(name) === value) return
      // Cookies are blocked, or it is too long for one.
      write(name, '', 0, this.domain)
      try {
        box?.setItem(name, value)
      } catch {
        // full
      }
    },
    remove(name) {
      delete memory[name]
      if (read(name) !== undefined) write(name, '', 0, this.domain)
      box?.removeItem(name)
    },
  }
}
