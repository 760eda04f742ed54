"""Benchmarks: how fast the project is, how large it may grow, and whether its answers are right.

Every benchmark writes data/bench/results/<name>.json; `python -m tools.bench report` makes docs/benchmarks.md of them.
"""
