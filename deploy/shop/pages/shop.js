// The little shop's own script: what it tells the pixel.
const hat = { product_id: '7', sku: 'hat-1', title: 'Hat', quantity: 1, price: '64.95' }
const worth = { value: '64.95', currency: 'USD', contents: [hat] }
const shown = {
  product: () => attributary('track', 'ViewContent', worth),
  checkout: () => attributary('track', 'InitiateCheckout', { ...worth, checkout_id: 'checkout-1' }),
  thanks: () => {
    const order_id = new URLSearchParams(location.search).get('order')
    document.getElementById('order').textContent = order_id
    attributary('track', 'Purchase', { ...worth, order_id, checkout_id: 'checkout-1' })
  },
}
shown[document.body.id]?.()
document.getElementById('buy')?.addEventListener('click', () => {
  attributary('track', 'AddToCart', worth)
})
// Tests see whether the page came back from the back-forward cache.
addEventListener('pageshow', ({ persisted }) => (window.cameBack = persisted))
