// A person's details, as hashes: the forms are those that the gateway hashes.

import type { Person } from '../attributary'
import { sha256 } from './ids'

const IDS = ['customer_id', 'external_id', 'device_id', 'email_sha256', 'phone_sha256']
const IS_HASH = /^[0-9a-f]{64}$/i

const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]/gu, '')
const words = (text: string) =>
  text.toLowerCase().replace(/[\p{P}\p{S}]/gu, '').trim().replace(/\s+/g, ' ')

const FORMS: Record<string, (text: string) => string> = {
  email: (text) => (text.includes('@') ? text.toLowerCase() : ''),
  phone: (text) => {
    const digits = text.replace(/\(0\)/g, '').replace(/\D/g, '').replace(/^0+/, '')
    return digits.length < 7 || digits.length > 15 ? '' : digits
  },
  first_name: words,
  last_name: words,
  city: letters,
  state: letters,
  zip: letters,
  country: letters,
}

/** What of a detail is hashed; empty when it cannot be one. */
export const normalised = (name: string, value: string) =>
  FORMS[name]?.(value.normalize('NFC').trim()) ?? ''

/** Identifiers and details for the gateway; what cannot be hashed is left out, never sent clear. */
export async function described(person: Person, hash: boolean) {
  const identifiers: Record<string, string> = {}
  const details: Record<string, string> = {}
  for (const [name, said] of Object.entries(person)) {
    const value = said == null ? '' : String(said)
    if (!value) continue
    if (IDS.includes(name)) identifiers[name] = value
    else if (FORMS[name]) {
      const kept = !hash || IS_HASH.test(value) ? value : await hashed(name, value)
      if (kept) details[name] = kept
    }
  }
  return { identifiers, user_data: details }
}

async function hashed(name: string, value: string): Promise<string | undefined> {
  const text = normalised(name, value)
  return text ? sha256(text) : undefined
}
