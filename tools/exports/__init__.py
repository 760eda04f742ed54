"""What the store serves as files: published tables, gold for notebooks, and the books for finance (docs/exports.md)."""
