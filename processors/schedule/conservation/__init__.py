"""The ledger of conservation: what was received is counted from the topics, by a reader that shares
nothing with the groups, and put beside what the groups counted with their effects."""
