-- consent_flags has taken its place.
DROP TABLE consent_decisions;
