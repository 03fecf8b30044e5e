"""What the simulated storefront sells."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Product:
    """A garment in several sizes. `variants`: the id of each size."""

    id: str
    slug: str
    title: str
    price: str
    picture: str
    variants: dict[str, str]


def _product(number: int, slug: str, title: str, price: str, picture: str) -> Product:
    sizes = {size: f"{number}{at}" for at, size in enumerate(("S", "M", "L"), start=1)}
    return Product(
        id=str(number), slug=slug, title=title, price=price, picture=picture, variants=sizes
    )


PRODUCTS = (
    _product(1201, "linen-dress", "Linen dress “Amalfi”", "89.00 €", "👗"),
    _product(1203, "wool-coat", "Wool coat “Annecy”", "249.00 €", "🧥"),
    _product(1210, "silk-blouse", "Silk blouse “Lyon”", "119.00 €", "👚"),
)
