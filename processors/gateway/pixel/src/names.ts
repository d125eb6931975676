// What each platform's tag calls an event, and the form in which it takes one.

import type { Content, EventFields } from '../attributary'

export const STANDARD =
  'PageView ViewContent Search AddToCart AddToWishlist InitiateCheckout AddPaymentInfo Purchase ' +
  'Lead CompleteRegistration Contact CustomizeProduct Donate FindLocation Schedule StartTrial ' +
  'SubmitApplication Subscribe'

const GA4: Record<string, string> = {
  ViewContent: 'view_item',
  InitiateCheckout: 'begin_checkout',
  Lead: 'generate_lead',
  CompleteRegistration: 'sign_up',
}
const SNAPCHAT: Record<string, string> = {
  AddToCart: 'ADD_CART',
  InitiateCheckout: 'START_CHECKOUT',
  AddPaymentInfo: 'ADD_BILLING',
  Lead: 'SIGN_UP',
  CompleteRegistration: 'SIGN_UP',
  Schedule: 'RESERVE',
  Contact: 'CUSTOM_EVENT_1',
  CustomizeProduct: 'CUSTOM_EVENT_2',
  Donate: 'CUSTOM_EVENT_3',
  FindLocation: 'CUSTOM_EVENT_4',
  SubmitApplication: 'CUSTOM_EVENT_5',
}

export const isStandard = (name: string) => STANDARD.split(' ').includes(name)

const snake = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1_$2')

/** As the gateway's connector says it, for GA4 takes letters, digits and underscores alone. */
export const ga4Name = (name: string) =>
  GA4[name] ?? snake(name).toLowerCase().replace(/[^a-z0-9_]/g, '_')

/** Undefined for an event that Snapchat has no name for. */
export const snapchatName = (name: string) =>
  isStandard(name) ? (SNAPCHAT[name] ?? snake(name).toUpperCase()) : undefined

const number = (value: unknown) => (value == null || value === '' ? undefined : Number(value))
const idOf = (line: Content) => String(line.product_id ?? line.sku ?? '')
const ids = (lines: Content[]) => lines.map(idOf).filter(Boolean)

/** Value, currency and lines under the platform's own names. */
export function fieldsFor(
  platform: string,
  { value, currency, contents = [] }: EventFields,
  order: string | undefined,
): Record<string, unknown> {
  const worth = { value: number(value), currency }
  const lines = (id: string, price: string, title: string) =>
    contents.map((line) => ({
      [id]: idOf(line),
      quantity: line.quantity ?? 1,
      [price]: number(line.price),
      [title]: line.title,
    }))
  if (platform === 'ga4')
    return { ...worth, transaction_id: order, items: lines('item_id', 'price', 'item_name') }
  if (platform === 'snapchat')
    return { price: worth.value, currency, item_ids: ids(contents), transaction_id: order }
  if (platform === 'tiktok')
    return { ...worth, contents: lines('content_id', 'price', 'content_name') }
  return {
    ...worth,
    content_ids: ids(contents),
    content_type: 'product',
    contents: lines('id', 'item_price', 'title'),
    order_id: order,
  }
}
