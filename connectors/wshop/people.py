"""Whom a garment is made for, in Kleep's words, from what shops write."""

import re

WORDS = {
    "female": "female woman women femme femmes dame dames damen donna mujer mulher fille filles girl girls",
    "male": "male man men homme hommes herren uomo hombre homem garçon garçons boy boys",
}
GENDERS = {word: gender for gender, words in WORDS.items() for word in words.split()}
CHILDREN = {
    *("child", "children", "kid", "kids", "girl", "girls", "boy", "boys", "baby", "junior"),
    *("enfant", "enfants", "fille", "filles", "garçon", "garçons", "bébé", "kinder"),
    *("bambino", "bambina", "niño", "niña", "niños", "criança"),
}


def gender(said: str | None, category: str | None) -> str | None:
    """female, male or unisex where the attribute or the category names one; else what the attribute says."""
    for shown in (said, category):
        found = {GENDERS[word] for word in _words(shown) if word in GENDERS}
        if len(found) == 1:
            return found.pop()
        if found:
            return "unisex"
        if shown and shown == said:
            return said
    return None


def is_children(said: str | None, category: str | None) -> bool:
    """True where the gender or the category names children."""
    return bool(CHILDREN & (_words(said) | _words(category)))


def _words(shown: str | None) -> set[str]:
    return set(re.findall(r"\w+", (shown or "").lower()))
