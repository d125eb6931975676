// The little shop's own script: a cart in memory of the tab, and what it tells the pixel.
const hat = { product_id: '7', sku: 'hat-1', title: 'Hat', quantity: 1, price: '64.95' }
const worth = { value: '64.95', currency: 'USD', contents: [hat] }
const shown = {
  product: () => attributary('track', 'ViewContent', worth),
  checkout: () => attributary('track', 'InitiateCheckout', { ...worth, checkout_id: 'checkout-1' }),
  thanks: () => {
    const order_id = new URLSearchParams(location.search).get('order')
    attributary('track', 'Purchase', { ...worth, order_id, checkout_id: 'checkout-1' })
  },
}
shown[document.body.id]?.()
document.getElementById('buy')?.addEventListener('click', () => {
  attributary('track', 'AddToCart', worth)
})
// Tests see whether the page came back from the back-forward cache.
addEventListener('pageshow', ({ persisted }) => (window.cameBack = persisted))
