"""Detectors against planted truth: worlds with fresh seeds, dbt on each, scores with intervals, a report.

The worlds share no number with the detectors: volumes, seasons, funnels, noise and faults are drawn from the seed.
`python -m tools.evaluation` runs it.
"""
