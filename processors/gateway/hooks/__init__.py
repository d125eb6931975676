"""What Meta, WhatsApp and TikTok tell by webhook: one POST may tell of many things at once.

`receiving` finds out whose they are and whether the signature proves it, a vendor's file takes its
body apart into things told (`Told`), and a function for each (source, event type) makes a record of
one. To take another event type: a function with `@register_handler` in the vendor's file. What
nobody is registered for is kept and filtered as `unknown_topic`.
"""
