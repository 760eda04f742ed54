"""What would this change do? The working tree against a base, on the demo world: `python -m tools.pr_check --base main`."""
