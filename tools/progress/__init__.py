"""dbt's build with one line of progress instead of some two thousand, and with what went wrong in plain words."""
