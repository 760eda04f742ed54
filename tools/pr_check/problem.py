"""What ends the check at once."""


class Problem(Exception):
    """One line that says what is wrong and what to do."""
