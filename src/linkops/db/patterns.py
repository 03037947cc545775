"""Looking for a part of a text, whatever signs it has."""


def contains(column: str, parameter: str) -> str:
    """Return the condition that a column, or another expression, has a text in it; capital letters make no difference.

    Args:
        column: in SQL.
        parameter: the name of the one that is given what `containing` returns.
    """
    # Both sides are lowered by the engine: SQLite's knows ASCII only, and would not find what Python lowered.
    return f"lower({column}) LIKE lower(:{parameter}) ESCAPE '\\'"


def containing(text: str) -> str:
    """Return the pattern of texts that have this one in them, in which no sign means anything else."""
    return "%" + "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text) + "%"
