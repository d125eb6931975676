"""How much an event is worth to those who will be told of it: whom it can be matched to (`match`),
and what else it lacks (`event`). And how a series of days does: which days break it (`anomaly`),
which it will have (`forecast`), and when somebody is told (`alerting`)."""
