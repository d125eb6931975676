// The buyer's details as SHA-256, in the forms that the gateway hashes.

export interface Address {
  [field: string]: unknown
}

export interface Checkout {
  email?: string | null
  phone?: string | null
  smsMarketingPhone?: string | null
  billingAddress?: Address | null
  shippingAddress?: Address | null
  [field: string]: unknown
}

const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '')
const words = (text: string) =>
  text.toLowerCase().replace(/[\p{P}\p{S}]/gu, '').trim().replace(/\s+/g, ' ')
const digits = (text: string) => text.replace(/\(0\)/g, '').replace(/\D/g, '').replace(/^0+/, '')

const ADDRESS: Record<string, (text: string) => string> = {
  firstName: words,
  lastName: words,
  city: letters,
  provinceCode: letters,
  zip: letters,
  countryCode: letters,
  phone: digits,
}

/** Undefined where there is nothing to hash, or no way to: then the detail is left out. */
async function hashed(value: unknown, form: (text: string) => string): Promise<string | undefined> {
  const text = typeof value === 'string' ? form(value.normalize('NFC').trim()) : ''
  if (!text || !globalThis.crypto?.subtle) return undefined
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function address(of: Address | null | undefined): Promise<Address | undefined> {
  if (!of) return undefined
  const found: Address = {}
  for (const [name, form] of Object.entries(ADDRESS)) found[name] = await hashed(of[name], form)
  return found
}

/** The checkout with hashes in place of details, and without those that nobody needs. */
export async function withoutDetails(checkout: Checkout): Promise<Checkout> {
  return {
    ...checkout,
    email: await hashed(checkout.email, (text) => text.toLowerCase()),
    phone: await hashed(checkout.phone ?? checkout.smsMarketingPhone, digits),
    smsMarketingPhone: undefined,
    billingAddress: await address(checkout.billingAddress),
    shippingAddress: await address(checkout.shippingAddress),
  }
}
