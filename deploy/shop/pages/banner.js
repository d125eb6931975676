// Asks once, where the snippet says that this shop asks; the link below each page asks again.
const { shopConsent } = window
function ask() {
  const banner = document.createElement('div')
  banner.id = 'banner'
  banner.append('May this shop measure your visit, and tell platforms of it? ')
  for (const [id, flag, words] of [
    ['accept', 'granted', 'Yes'],
    ['refuse', 'denied', 'No'],
  ]) {
    const button = document.createElement('button')
    Object.assign(button, { id, textContent: words })
    button.addEventListener('click', () => {
      shopConsent.say(flag)
      banner.remove()
    })
    banner.append(button)
  }
  document.body.append(banner)
}
if (shopConsent) {
  const again = document.createElement('button')
  Object.assign(again, { id: 'again', textContent: 'Privacy' })
  again.addEventListener('click', ask)
  document.body.append(again)
  if (!shopConsent.said) ask()
}
