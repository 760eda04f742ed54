"""The spend world: a year of ad-platform reports, and what goes wrong in them."""
