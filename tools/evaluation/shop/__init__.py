"""The shop world: eight weeks of a shop with many orders and lean sessions, and what goes wrong in it."""
