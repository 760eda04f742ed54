"""Alerts of the feature store: on a trip of the circuit breaker, on recovery, and on a failed build (docs/alerts.md)."""
