"""Which column of a file is which of ours: by our name, by the names that shops give it, by what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.datasets import DATASETS, Column, Dataset
from connectors.files.detect import simple
from connectors.files.refusals import RefusedError

# Names that shops give a column, in English and French; with a dataset before the dot in that one alone.
# Of two columns of a dataset that share a name, the one that is declared first takes it.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "product_id": ("product", "parent id", "master id", "style id", "item group id", "id produit", "produit", "identifiant produit", "référence produit", "code produit"),
    "variant_id": ("variant", "variation id", "child id", "simple id", "item id", "id variante", "variante", "identifiant variante", "id déclinaison", "déclinaison"),
    "sku": ("stock keeping unit", "article number", "item number", "ugs", "code article", "référence article", "référence sku"),
    "ean": ("ean13", "gtin", "gtin13", "barcode", "upc", "code barre", "code barres", "code ean", "gencod"),
    "title": ("product name", "name", "product title", "nom", "nom du produit", "titre", "libellé", "désignation"),
    "description": ("long description", "product description", "descriptif", "description longue"),
    "url": ("product url", "link", "product link", "page url", "lien", "lien produit", "adresse", "url produit"),
    "images": ("image", "image url", "image urls", "image links", "image link", "pictures", "photos", "visuels"),
    "category": ("product category", "categories", "product type", "catégorie", "catégories", "rayon", "famille"),
    "gender": ("sex", "genre", "sexe", "target gender", "civilité"),
    "size_label": ("size", "size name", "label size", "taille", "libellé taille", "pointure", "size ordered", "taille commandée"),
    "active": ("enabled", "is active", "online", "published", "actif", "en ligne", "publié", "activé"),
    "is_new": ("new", "novelty", "nouveau", "nouveauté"),
    "is_children": ("children", "child", "kids", "is kids", "enfant", "enfants", "pour enfant"),
    "brand": ("brand name", "manufacturer", "marque", "fabricant"),
    "color": ("colour", "color name", "couleur", "coloris"),
    "parent_reference": ("model", "model reference", "style", "modèle", "référence modèle", "référence parente"),
    "internal_reference": ("internal ref", "reference", "référence", "référence interne", "ref interne"),
    "price": ("unit price", "selling price", "prix", "prix unitaire", "prix de vente", "prix ht"),
    "currency": ("currency code", "devise", "monnaie"),
    "material": ("composition", "fabric", "matière", "matières", "tissu"),
    "dimensions": ("measurements", "product dimensions", "mesures", "dimensions produit"),
    "kleep_enabled": ("kleep", "kleep active", "kleep actif", "activer kleep"),
    "updated_at": ("updated", "last update", "last updated", "modified", "modified at", "last modified", "date modified", "date de modification", "mis à jour", "modifié le", "dernière modification"),
    "order_id": ("order", "order number", "order no", "order ref", "commande", "id commande", "numéro de commande", "n° commande", "no commande", "num commande", "réf commande"),
    "line_id": ("line", "line number", "line no", "ligne", "id ligne", "n° ligne", "numéro de ligne"),
    "orders.line_id": ("order line", "order line id", "order item", "order item id", "item line id", "ligne de commande", "id ligne de commande"),
    "order_date": ("date", "ordered at", "date of order", "created at", "purchase date", "date de commande", "date commande", "date d’achat"),
    "status": ("state", "order status", "return status", "statut", "état"),
    "customer_ref": ("customer", "customer id", "client", "id client", "customer number", "numéro client", "n° client"),
    "quantity": ("qty", "ordered quantity", "quantity ordered", "qty ordered", "quantity returned", "returned quantity", "qty returned", "quantité", "qté", "quantité commandée", "quantité retournée", "nombre"),
    "quantity_cancelled": ("cancelled quantity", "qty cancelled", "qty canceled", "quantity canceled", "quantité annulée"),
    "quantity_refunded": ("refunded quantity", "qty refunded", "quantité remboursée"),
    "country": ("country code", "billing country", "pays", "code pays"),
    "store": ("store view", "shop", "boutique", "magasin", "site"),
    "return_id": ("return", "return number", "rma", "rma id", "rma number", "retour", "id retour", "numéro de retour", "n° retour"),
    "return_date": ("date", "returned at", "date of return", "created at", "date de retour", "date retour"),
    "order_line_id": ("order line", "order item id", "order item", "ligne de commande", "id ligne de commande", "id ligne commande"),
    "reason_code": ("reason id", "return reason code", "code motif", "code raison", "id motif"),
    "reason_label": ("reason", "return reason", "reason text", "motif", "motif de retour", "motif du retour", "raison", "raison du retour", "cause du retour"),
    "comment": ("comments", "customer comment", "remark", "note", "commentaire", "commentaires", "remarque"),
    "source": ("origin", "origine"),
    "code": ("reason code", "reason id", "code motif", "code raison", "id"),
    "label": ("reason", "reason label", "name", "libellé", "motif", "raison"),
    "language": ("lang", "locale", "langue"),
    "created_at": ("created", "signed up", "registration date", "date de création", "date d’inscription", "inscrit le"),
    "birth_year": ("year of birth", "année de naissance", "année naissance"),
    "location": ("warehouse", "place", "depot", "entrepôt", "dépôt", "emplacement", "lieu"),
    "in_stock": ("available", "is in stock", "en stock", "disponible"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Matched:
    """`positions`: where in a row each of our columns stands. `columns`: {heading: our column or ""}."""

    positions: dict[str, int]
    columns: dict[str, str]
    missing: list[str] = field(default_factory=list)  # required, and nowhere
    unknown: list[str] = field(default_factory=list)  # headings that mean nothing to us


def match(header: Sequence[str], dataset: Dataset, mapping: Mapping[str, str]) -> Matched:
    """`mapping`: {heading, simplified: our column or ""} as it was answered; it goes before our own ideas.

    Raises RefusedError where the header or the mapping names a column twice.
    """
    headings = [simple(heading) for heading in header]
    answered = {simple(heading): column for heading, column in mapping.items()}
    positions: dict[str, int] = {}
    for at, heading in enumerate(headings):
        column = answered.get(heading, "")
        if column:
            _take(positions, column, at, header, code="mapped_twice")
    names = [column.name for column in dataset.columns if column.name not in positions]
    free = {at for at, heading in enumerate(headings) if heading and heading not in answered}
    for candidates in zip(*(_candidates(dataset, name) for name in names), strict=True) if names else ():
        for name, spelled in zip(names, candidates, strict=True):
            _find(positions, name, spelled, headings, free, header)
    return _matched(header, dataset, positions)


def _candidates(dataset: Dataset, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Our own name, looked for first in all columns; then what else it is called."""
    others = (*SYNONYMS.get(name, ()), *SYNONYMS.get(f"{dataset.name}.{name}", ()))
    return frozenset({simple(name)}), frozenset(map(simple, others))


def _find(
    positions: dict[str, int],
    name: str,
    spelled: frozenset[str],
    headings: Sequence[str],
    free: set[int],
    header: Sequence[str],
) -> None:
    found = sorted(at for at in free if headings[at] in spelled)
    if name in positions or not found:
        return
    twice = [at for at in found[1:] if headings[at] == headings[found[0]]]
    if twice:
        raise RefusedError("repeated_heading", heading=header[twice[0]])
    positions[name] = found[0]
    free.discard(found[0])


def _take(
    positions: dict[str, int], column: str, at: int, header: Sequence[str], *, code: str
) -> None:
    if column in positions:
        raise RefusedError(code, column=column, heading=header[at])
    positions[column] = at


def _matched(header: Sequence[str], dataset: Dataset, positions: dict[str, int]) -> Matched:
    names = {at: name for name, at in positions.items()}
    return Matched(
        positions=positions,
        columns={heading: names.get(at, "") for at, heading in enumerate(header) if heading},
        missing=[
            column.name
            for column in dataset.columns
            if is_needed(column) and column.name not in positions
        ],
        unknown=[heading for at, heading in enumerate(header) if heading and at not in names],
    )


def is_needed(column: Column) -> bool:
    """Whether a file must have it: required, and nothing is assumed in its place."""
    return column.required and not column.assumed


def known_names(dataset: Dataset | None = None) -> frozenset[str]:
    """Every simplified heading that means something; of one dataset, or of all."""
    chosen = [dataset] if dataset else DATASETS.values()
    return frozenset(
        spelled
        for one in chosen
        for column in one.columns
        for names in _candidates(one, column.name)
        for spelled in names
    )


def likely_datasets(header: Sequence[str]) -> list[str]:
    """Which dataset a header is of, the likeliest first."""

    def merit(name: str) -> tuple[float, int]:
        needed = sum(map(is_needed, DATASETS[name].columns))
        try:
            found = match(header, DATASETS[name], {})
        except RefusedError:
            return 0, 0
        return (needed - len(found.missing)) / needed, len(found.positions)

    return sorted(DATASETS, key=merit, reverse=True)
