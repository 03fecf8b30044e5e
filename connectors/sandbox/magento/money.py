"""Amounts in whole cents, and how Magento prints them."""


def share(amount: int, part: int, whole: int) -> int:
    """amount * part / whole, rounded half up, in cents."""
    return (2 * amount * part + whole) // (2 * whole)


def without_tax(gross: int, rate: int) -> int:
    """`rate` in percent."""
    return share(gross, 100, 100 + rate)


def with_tax(net: int, rate: int) -> int:
    return share(net, 100 + rate, 100)


def euros(cents: int) -> float | int:
    """A JSON number: whole amounts come without decimals."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def exchanged(cents: int, rate: float) -> int:
    return int(cents * rate + 0.5)
