"""Turns one cell into what the database reads, or says what is wrong with it. Blank cells never come here."""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from connectors.datasets import Column, Type
from connectors.files.dates import Dates
from connectors.files.detect import simple
from connectors.files.synonyms import WORDS_FOR_FALSE, WORDS_FOR_GENDERS, WORDS_FOR_TRUE

Convert = Callable[[str], str]  # raises ValueError with the code of the problem

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,14}(?:\.[0-9]{1,4})?")
INTEGER = re.compile(r"-?[0-9]{1,18}")
MONEY = re.compile(r"[€$£¥\s\u00a0\u202f]|EUR|USD|GBP")
GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?"),
}
TRUE, FALSE = frozenset(map(simple, WORDS_FOR_TRUE)), frozenset(map(simple, WORDS_FOR_FALSE))
FORMS = {simple(form): name for name, forms in WORDS_FOR_GENDERS.items() for form in forms}
LISTED = re.compile(r"\s*[|\n]\s*|\s*[,;]\s*(?=https?://|//|www\.)|\s+(?=https?://)")
PAIR = re.compile(r"\s*([^:=;{}\[\]]{1,100}?)\s*[:=]\s*([^;]{1,200}?)\s*")
LARGEST_KEY = 255
DIGITS_TURNED = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


def converter(column: Column, *, decimal: str, dates: Dates) -> Convert:
    """For every type but TEXT, and for texts of a fixed choice or form."""
    match column.type:
        case Type.DECIMAL:
            return _bounded(column, lambda cell: number(cell, decimal))
        case Type.INTEGER:
            return _bounded(column, lambda cell: integer(cell, decimal))
        case Type.BOOLEAN:
            return boolean
        case Type.DATE_TIME:
            return dates.convert
        case Type.LIST:
            return listed
        case Type.OBJECT:
            return objects
        case Type.TEXT if column.choices:
            return _choice(column.choices)
        case _:
            return _like(re.compile(column.like))


def number(cell: str, decimal: str) -> str:
    """1234.5 of 1.234,50 € as well. `decimal`: the mark of the file, for what could be either."""
    if PLAIN_NUMBER.fullmatch(cell) and (decimal == "." or "." not in cell):
        return cell
    bare = MONEY.sub("", cell).replace("'", "").replace("’", "")
    other = "," if decimal == "." else "."
    if GROUPED[decimal].fullmatch(bare):
        bare = bare.replace(other, "")
    elif other in bare and decimal in bare:  # the last of the two is the decimal mark
        raise ValueError("not_a_number")
    bare = bare.replace(",", ".")
    try:
        value = (
            Decimal(bare)
            if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(E[+-]?\d{1,2})?", bare, re.I)
            else None
        )
    except InvalidOperation:
        value = None
    if value is None:
        raise ValueError("not_a_number")
    if abs(value) >= 10**14:
        raise ValueError("number_too_large")
    return format(round(value, 4), "f")


def integer(cell: str, decimal: str) -> str:
    if INTEGER.fullmatch(cell):
        return cell
    try:
        value = Decimal(number(cell, decimal))
    except ValueError as error:
        code = str(error)
        raise ValueError("not_an_integer" if code == "not_a_number" else code) from None
    if value != value.to_integral_value():
        raise ValueError("not_an_integer")
    return str(int(value))


def _bounded(column: Column, read: Convert) -> Convert:
    least = column.least
    if least is None:
        return read

    def bounded(cell: str) -> str:
        value = read(cell)
        if Decimal(value) < least:
            raise ValueError("negative" if least == 0 else "out_of_range")
        return value

    return bounded


def boolean(cell: str) -> str:
    plain = simple(cell)
    if plain in TRUE:
        return "1"
    if plain in FALSE:
        return "0"
    raise ValueError("not_a_boolean")


def listed(cell: str) -> str:
    """A JSON list of texts, or texts between | or line breaks, or addresses between commas."""
    if cell.startswith("["):
        values = _json(cell, "not_a_list")
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ValueError("not_a_list")
    else:
        values = LISTED.split(cell)
    return json.dumps([one.strip() for one in values if one.strip()], ensure_ascii=False)


def objects(cell: str) -> str:
    """A JSON object of texts or numbers, or name: value between semicolons."""
    if cell.startswith("{"):
        values = _json(cell, "not_an_object")
        simple_ones = str | int | float
        if not isinstance(values, dict) or not all(
            isinstance(one, simple_ones) for one in values.values()
        ):
            raise ValueError("not_an_object")
        pairs = {name: str(one) for name, one in values.items()}
    else:
        found = [PAIR.fullmatch(part) for part in cell.split(";") if part.strip()]
        if not found or not all(found):
            raise ValueError("not_an_object")
        pairs = {pair[1]: pair[2] for pair in found if pair}
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True)


def _json(cell: str, code: str) -> object:
    try:
        decoded: object = json.loads(cell)
        text = json.dumps(decoded, ensure_ascii=False)
        text.encode()  # half of a letter
    except (ValueError, RecursionError):
        raise ValueError(code) from None
    if "\\u0000" in text:
        raise ValueError("control_character")
    return decoded


def _choice(choices: tuple[str, ...]) -> Convert:
    known = {simple(choice): choice for choice in choices}
    if "female" in known:
        known = {**FORMS, **known}

    def choice(cell: str) -> str:
        try:
            return known[simple(cell)]
        except KeyError:
            raise ValueError("not_a_choice") from None

    return choice


def _like(form: "re.Pattern[str]") -> Convert:
    def like(cell: str) -> str:
        if not form.fullmatch(cell.upper()):
            raise ValueError("not_like")
        return cell.upper()

    return like


def is_turned(cell: str) -> bool:
    """A long number that a spreadsheet turned into 1.23E+12: its digits are lost."""
    return bool(DIGITS_TURNED.fullmatch(cell))
