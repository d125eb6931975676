"""Whom we call: one package a vendor, the same files in each (settings, convert, client).

`convert` is pure and turns deliveries into the vendor's request; `client` sends it and says for
every event what the answer means. Nothing here knows queues, tables or topics.
"""
