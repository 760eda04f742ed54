"""What would this change do? The working tree against a base, on the demo world: `python -m pr_check --base main`."""
