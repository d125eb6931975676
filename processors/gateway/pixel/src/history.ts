// When another page is shown without a load: history entries of single-page shops, and pages that
// come back from the back-forward cache.

export function watch(changed: () => void, hashRoutes: boolean): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name]
    history[name] = function (...args: Parameters<History['pushState']>) {
      original.apply(this, args)
      changed()
    }
  }
  addEventListener('popstate', changed)
  if (hashRoutes) addEventListener('hashchange', changed)
}

/** The part of the address that names the page. */
export const place = (hashRoutes: boolean) =>
  location.pathname + location.search + (hashRoutes ? location.hash : '')

/** Whether the page was loaded again, rather than arrived at. */
export function isRepeat(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return entry?.type === 'reload' || entry?.type === 'back_forward'
}
