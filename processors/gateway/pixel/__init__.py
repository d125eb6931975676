"""The browser pixel: `attributary.js` and what belongs to it, as the gateway serves them.

`src/` is TypeScript, `built/` what `npm run build` makes of it, committed so that a gateway needs
no JavaScript tools; a test holds the two together. The plain name may be cached for an hour; the
name with the hash of the content, which `/attributary.json` tells with the content's integrity for
a `<script>`, for good: a build that was replaced is in `built/earlier/` for a year, byte for byte,
since a page that pinned it with its integrity takes no other. A hash that is not here, of an older
build or of one that this gateway does not have yet, leads to the build that is: a page without an
integrity goes on, one with it refuses the script, as it asked for. `shopify/` is Shopify's web
pixel extension: an app ships it, not the gateway.
"""

from processors.gateway.pixel.assets import serve

__all__ = ["serve"]
