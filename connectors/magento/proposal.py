"""Guesses from a shop's own attributes which one is the size, the colour, the gender and so on.

Attribute codes differ from shop to shop (size, taille, shoe_size, storlek): codes and labels are compared
with the words of the languages that Kleep speaks. A proposal; what the connection's configuration names wins.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.magento.shapes import Attribute

MOST = 6  # codes per role: shops with shoes and trousers have several sizes

CHOICES = ("select", "multiselect", "swatch_visual", "swatch_text", "text")
TEXTS = ("text", "select", "textarea", "multiselect")
SWITCHES = ("boolean", "select")


@dataclass(frozen=True)
class Role:
    """`words` may stand anywhere in a code or a label; `codes` only as the whole code."""

    kinds: tuple[str, ...]
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROLES: dict[str, Role] = {
    "size": Role(
        CHOICES,
        _words(
            "size sizes taille tailles pointure grosse groesse schuhgrosse storlek storrelse talla tallas"
            " taglia tamanho maat rozmiar koko サイズ 사이즈"
        ),
    ),
    "color": Role(
        CHOICES,
        _words(
            "color colour couleur coloris farbe farg farve colore cor kleur kolor vari カラー 色 색상 컬러"
        ),
    ),
    "gender": Role(
        CHOICES,
        _words(
            "gender genre sexe sex geschlecht kon genero genere geslacht plec sukupuoli 性別 성별"
        ),
    ),
    "ean": Role(
        TEXTS,
        _words(
            "ean ean13 gtin gtin13 gtin14 upc barcode codebarre codebarres strichcode streckkod"
        ),
        ("code_barre", "code_barres", "codigo_barras", "codice_a_barre"),
    ),
    "brand": Role(
        CHOICES,
        _words("brand marque marke marka varumarke marca merk maerke merkki ブランド 브랜드"),
        ("manufacturer", "designer"),
    ),
    "material": Role(
        TEXTS,
        _words(
            "material materials matiere matieres composition stoff materiale materiaal materiali tessuto"
            " tejido fabric tyg materiaali 素材 소재"
        ),
    ),
    "parent_reference": Role(
        TEXTS,
        (),
        (
            "style_code",
            "model_code",
            "model_reference",
            "parent_reference",
            "parent_sku",
            "parent_item_sku",
            "product_group_key",
            "code_modele",
            "reference_modele",
            "ref_modele",
        ),
    ),
    "internal_reference": Role(
        TEXTS,
        (),
        (
            "internal_reference",
            "reference_interne",
            "ref_interne",
            "reference",
            "supplier_reference",
            "article_number",
            "artikelnummer",
            "product_itemno",
        ),
    ),
    "is_new": Role(SWITCHES, (), ("is_new", "new", "nouveaute", "nouveau", "badge_new")),
    "is_children": Role(SWITCHES, (), ("is_children", "is_kids", "is_child", "kids", "enfant")),
    "kleep_enabled": Role(SWITCHES, (), ("kleep_enabled", "kleep", "kleep_active")),
}
ROLE_NAMES = frozenset({*ROLES, "dimensions"})
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
# Attributes about the size, not the size: charts, filters, units.
OTHERS = frozenset(
    _words(
        "chart charts guide guides help range group groupe hex filter filtre tableau table unit unite system"
        " advice info description image swatch conseil type fit model modele mannequin worn map"
    )
)
UNDECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l"})


def propose(attributes: Iterable[Attribute]) -> dict[str, list[str]]:
    """Attribute codes by role, the likeliest first; a role without a likely attribute has an empty list."""
    known = list(attributes)
    return {name: _codes(role, known) for name, role in ROLES.items()}


def _codes(role: Role, attributes: list[Attribute]) -> list[str]:
    ranked = sorted(
        (rank, attribute.attribute_code)
        for attribute in attributes
        if (rank := _rank(role, attribute)) is not None
    )
    return [code for _rank, code in ranked[:MOST]]


def _rank(role: Role, attribute: Attribute) -> tuple[int, int] | None:
    """How likely the attribute plays the role, smaller is likelier; None where it does not."""
    kind = attribute.frontend_input or "text"
    if kind not in role.kinds:
        return None
    code, labels = _tokens(attribute.attribute_code), [_tokens(one) for one in _labels(attribute)]
    if attribute.attribute_code in role.codes:
        return 1, role.codes.index(attribute.attribute_code)
    preference = role.kinds.index(kind)
    if len(code) == 1 and code[0] in role.words:
        return 0, preference
    if OTHERS.intersection(code):
        return None
    if any(token in role.words for token in code):
        return 2, preference
    if any(len(one) == 1 and one[0] in role.words for one in labels):
        return 3, preference
    if any(token in role.words for one in labels for token in one if not OTHERS.intersection(one)):
        return 4, preference
    return None


def _labels(attribute: Attribute) -> list[str]:
    labels = [
        attribute.default_frontend_label,
        *(one.label for one in attribute.frontend_labels or []),
    ]
    return [label for label in labels if label]


def _tokens(text: str) -> list[str]:
    """Lower case, without accents, split into words."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(UNDECOMPOSED))
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    return [token for token in re.split(r"[\W_]+", unicodedata.normalize("NFKC", bare)) if token]


def attribute_codes(given: object) -> dict[str, list[str]]:
    """Codes by role from {"size": "taille"} or {"size": ["taille", "pointure"]}, also as JSON. ValueError."""
    decoded = json.loads(given) if isinstance(given, str) and given.strip() else given or {}
    if not isinstance(decoded, dict):
        raise ValueError("not an object")  # what was typed, not a caller's mistake
    unknown = set(decoded) - ROLE_NAMES
    if unknown:
        raise ValueError(f"no role is called {', '.join(sorted(unknown))[:80]}")
    listed = {role: [codes] if isinstance(codes, str) else codes for role, codes in decoded.items()}
    for codes in listed.values():
        if not isinstance(codes, list) or not all(
            isinstance(code, str) and CODE.fullmatch(code) for code in codes
        ):
            raise ValueError("a code has letters, digits and underscores")
    return listed
