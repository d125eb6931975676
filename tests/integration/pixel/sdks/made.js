// Which messages an SDK has made, on all pages of the shop together, and when.
export const made = (id) => (localStorage[`made.${id}`] = performance.timeOrigin + performance.now())
