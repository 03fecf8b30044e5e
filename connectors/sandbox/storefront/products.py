"""What the simulated storefront sells."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Product:
    """A garment in several sizes. `variants`: the id of each size."""

    id: str
    slug: str
    title: str
    price: str
    picture: str  # the outline of an SVG
    variants: dict[str, str]


# Outlines on 100 by 140.
DRESS = "M38 8h8q4 8 8 0h8l4 34-8 20 22 70H20l22-70-8-20z"
COAT = "M36 8h28l22 14 6 66H80l-4-38v84H24V50l-4 38H8l6-66z"
BLOUSE = "M36 8q14 12 28 0l24 16-10 22-10-6v66H32V40l-10 6-10-22z"


def _product(number: int, slug: str, title: str, price: str, picture: str) -> Product:
    sizes = {size: f"{number}{at}" for at, size in enumerate(("S", "M", "L"), start=1)}
    return Product(
        id=str(number), slug=slug, title=title, price=price, picture=picture, variants=sizes
    )


PRODUCTS = (
    _product(1201, "linen-dress", "Linen dress “Amalfi”", "89.00 €", DRESS),
    _product(1203, "wool-coat", "Wool coat “Annecy”", "249.00 €", COAT),
    _product(1210, "silk-blouse", "Silk blouse “Lyon”", "119.00 €", BLOUSE),
)
