// Desktop, mobile or tablet, from what the browser says of itself.

export type Device = 'desktop' | 'mobile' | 'tablet'

/** An iPad that asks for desktop sites calls itself a Macintosh, but has a touch screen. */
export function deviceType(agent: string, touchPoints = 0): Device {
  if (/ipad|tablet(?! pc)|kindle|silk(?!.*mobi)|android(?!.*mobi)/i.test(agent)) return 'tablet'
  if (/macintosh/i.test(agent) && touchPoints > 1) return 'tablet'
  return /mobi|android/i.test(agent) ? 'mobile' : 'desktop'
}
