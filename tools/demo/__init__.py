"""A made-up shop whose truth is known: raw tables for the feature store, and what really caused each purchase.

Run `python -m tools.demo --size small --out data/demo`; docs/demo_world.md describes the world.
"""
