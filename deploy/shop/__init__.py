"""A little shop to click through: landing, product, cart, checkout, thank-you page, and a banner
that asks for consent. It is a party of its own, on an origin of its own: its pages load
`attributary.js` from the gateway under the demo tenant's browser key, and its server tells of
orders under a server key, as any shop's would. The pixel's tests in a browser use the same pages.
"""
