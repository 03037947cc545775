"""Numbers of bytes as people read them; a kilobyte has 1,024, as in the limits of the protocol."""

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size_text(size_bytes: float) -> str:
    """Return a size, as in "12.5 MB"."""
    unit = 0
    while size_bytes >= 1_024 and unit < len(_UNITS) - 1:
        size_bytes /= 1_024
        unit += 1
    return f"{size_bytes:,.{0 if unit == 0 or size_bytes >= 100 else 1}f} {_UNITS[unit]}"


def exact_size(size_bytes: int) -> str:
    """Return a size to the byte."""
    return f"{size_bytes:,} B"
