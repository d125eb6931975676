"""How much an event is worth to those who will be told of it: whom it can be matched to (`match`),
and what else it lacks (`event`)."""
