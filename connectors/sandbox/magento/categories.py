"""The category tree of the simulated shops."""

from dataclasses import dataclass

from connectors.sandbox.magento.attributes import Labels
from connectors.sandbox.magento.catalogue import slug
from connectors.sandbox.magento.replies import Json


@dataclass(frozen=True)
class Category:
    id: int
    parent_id: int
    names: Labels
    position: int = 1

    def name(self, store: str) -> str:
        return self.names.get(store, self.names["all"])


CATEGORIES = {
    one.id: one
    for one in (
        Category(1, 0, {"all": "Root Catalog"}, 0),
        Category(2, 1, {"all": "Default Category"}),
        Category(3, 2, {"all": "Femme", "en": "Women", "de": "Damen"}),
        Category(4, 2, {"all": "Homme", "en": "Men", "de": "Herren"}, 2),
        Category(5, 3, {"all": "Robes", "en": "Dresses", "de": "Kleider"}),
        Category(6, 3, {"all": "Hauts", "en": "Tops", "de": "Oberteile"}, 2),
        Category(7, 4, {"all": "T-shirts"}),
        Category(8, 4, {"all": "Jeans"}, 2),
        Category(9, 2, {"all": "Accessoires", "en": "Accessories", "de": "Zubehör"}, 3),
    )
}


def path(category: int) -> list[int]:
    """From the root down to the category itself."""
    found = [category]
    while CATEGORIES[found[0]].parent_id:
        found.insert(0, CATEGORIES[found[0]].parent_id)
    return found


def children(category: int) -> list[int]:
    return [one.id for one in CATEGORIES.values() if one.parent_id == category]


def tree(category: int, store: str, counts: dict[int, int]) -> Json:
    one = CATEGORIES[category]
    return {
        "id": one.id,
        "parent_id": one.parent_id,
        "name": one.name(store),
        "is_active": None if one.id == 1 else True,
        "position": one.position,
        "level": len(path(one.id)) - 1,
        "product_count": counts.get(one.id, 0),
        "children_data": [tree(child, store, counts) for child in children(one.id)],
    }


def category_json(category: int, store: str, created_at: str) -> Json:
    one = CATEGORIES[category]
    way = path(category)
    body: Json = {"id": one.id, "parent_id": one.parent_id, "name": one.name(store)}
    if category != 1:
        body["is_active"] = True
    body |= {
        "position": one.position,
        "level": len(way) - 1,
        "children": ",".join(map(str, children(category))),
        "created_at": created_at,
        "updated_at": created_at,
        "path": "/".join(map(str, way)),
        "include_in_menu": True,
        "custom_attributes": [],
    }
    attributes = {
        "path": body["path"],
        "children_count": str(len(_below(category))),
        **({"is_anchor": "1", "url_key": slug(one.name(store))} if len(way) > 2 else {}),
    }
    body["custom_attributes"] = [
        {"attribute_code": code, "value": value} for code, value in attributes.items()
    ]
    return body


def _below(category: int) -> list[int]:
    return [one for one in CATEGORIES if one != category and category in path(one)]
