"""Files as they really come: good ones in odd dress, bad ones of every kind, each with what must become of it."""

import bz2
import codecs
import gzip
import io
import lzma
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = "return_id,line_id,return_date,order_id,quantity,comment"
ROW = "R1,1,2026-05-30,7,1,trop petit"
GOOD = f"{HEADER}\n{ROW}\n"
ENDS_WITH = "R9,1,2026-05-30,7,1,"


@dataclass(frozen=True)
class Case:
    """`status`, then: for a file that was taken how many rows and the codes of its problems, by row; for one
    that was refused the code; for a question its kind."""

    name: str
    content: bytes
    status: str
    accepted: int = 0
    said: tuple[str, ...] = ()
    comment: str | None = None  # of the first row that is stored

    def __str__(self) -> str:
        return self.name


def rows(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
    return end.join([header, *lines, ""]).encode()


def taken(name: str, content: bytes | str, accepted: int = 1, *said: str, **more: str) -> Case:
    given = content.encode() if isinstance(content, str) else content
    return Case(name, given, "taken", accepted, said, **more)


def refused(name: str, content: bytes | str, code: str, *said: str) -> Case:
    given = content.encode() if isinstance(content, str) else content
    return Case(name, given, "refused", 0, (code, *said))


def asked(name: str, content: bytes | str, kind: str) -> Case:
    given = content.encode() if isinstance(content, str) else content
    return Case(name, given, "needs_answer", 0, (kind,))


def zipped(*files: tuple[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compress) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def _encrypted() -> bytes:
    """Its flag says so; what is in it does not matter."""
    whole = bytearray(zipped(("returns.csv", GOOD.encode())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(signature) + offset] |= 1
    return bytes(whole)


def _packed_by(method: int) -> bytes:
    """It says so; nothing of it is unpacked."""
    whole = bytearray(zipped(("returns.csv", GOOD.encode())))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = whole.index(signature) + offset
        whole[at : at + 2] = method.to_bytes(2, "little")
    return bytes(whole)


def crowded(count: int) -> bytes:
    """A ZIP that lists so many files, all of them the one that is in it."""
    whole = zipped(("returns.csv", GOOD.encode()))
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    listed = whole[start:end] * count
    sizes = struct.pack("<HHII", count & 0xFFFF, count & 0xFFFF, len(listed), start)
    return whole[:start] + listed + whole[end : end + 8] + sizes + whole[end + 20 :]


def encodings() -> Iterator[Case]:
    text = f"{HEADER}\n{ROW}\nR2,1,2026-05-30,7,1,“très” étroit à la taille\n"
    french = f"{HEADER}\nR2,1,2026-05-30,7,1,très étroit – 12 €\n"
    yield taken("utf-8", french, comment="très étroit – 12 €")
    yield taken("utf-8-with-mark", french.encode("utf-8-sig"), comment="très étroit – 12 €")
    yield taken("windows-1252", french.encode("cp1252"), comment="très étroit – 12 €")
    yield taken(
        "utf-16-le", codecs.BOM_UTF16_LE + french.encode("utf-16-le"), comment="très étroit – 12 €"
    )
    yield taken(
        "utf-16-be", codecs.BOM_UTF16_BE + french.encode("utf-16-be"), comment="très étroit – 12 €"
    )
    yield taken("utf-16-without-mark", french.encode("utf-16-le"), comment="très étroit – 12 €")
    yield refused("utf-32", french.encode("utf-32"), "encoding")
    yield refused("utf-16-cut-in-a-letter", ("\ufeff" + text).encode("utf-16-le")[:-1], "encoding")
    mixed = text.encode() + "R3,1,2026-05-30,7,1,gêné\n".encode("cp1252")
    yield taken("two-encodings", mixed, 2, "not_decodable")
    undefined = f"{HEADER}\nR1,1,2026-05-30,7,1,".encode() + b"\x81\xe9\n" + f"{ROW}\n".encode()
    yield taken("bytes-that-mean-nothing", undefined, 1, "not_decodable")
    yield taken("mark-in-the-middle", f"{GOOD}\ufeffR2,1,2026-05-30,7,1,\n", 2)
    yield taken(
        "two-files-in-one",
        GOOD.encode() + GOOD.replace("R1", "R2").encode("utf-8-sig"),
        2,
        "header_again",
    )
    yield taken("japanese", f"{HEADER}\nR1,1,2026-05-30,7,1,小さい\n", comment="小さい")


def shapes() -> Iterator[Case]:
    yield taken("semicolons", GOOD.replace(",", ";"))
    yield taken("tabs", GOOD.replace(",", "\t"))
    yield taken("pipes", GOOD.replace(",", "|"))
    yield taken("excel-says-sep", "sep=;\n" + GOOD.replace(",", ";"))
    yield taken(
        "single-quotes",
        "\n".join(",".join(f"'{c}'" for c in line.split(",")) for line in GOOD.splitlines()),
    )
    yield taken(
        "everything-quoted",
        "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in GOOD.splitlines()),
    )
    yield taken(
        "quotes-in-quotes",
        f'{HEADER}\nR1,1,2026-05-30,7,1,"dit ""petit"", trop"\n',
        comment='dit "petit", trop',
    )
    yield taken(
        "line-breaks-in-a-cell",
        f'{HEADER}\r\nR1,1,2026-05-30,7,1,"un\r\ndeux\n\ntrois"\r\n',
        comment="un\ndeux\n\ntrois",
    )
    yield taken("crlf", GOOD.replace("\n", "\r\n"))
    yield taken("old-mac", GOOD.replace("\n", "\r"))
    yield taken(
        "every-line-end", f"{HEADER}\r\n{ROW}\rR2,1,2026-05-30,7,1,\nR3,1,2026-05-30,7,1,", 3
    )
    yield taken("no-end", GOOD.rstrip("\n"))
    yield taken("blank-lines", f"\n\n{HEADER}\n\n{ROW}\n,,,,,\n\n")
    yield taken("spaces-around", f"{HEADER}\n  R1 , 1,2026-05-30 ,7 , 1 , x \n", comment="x")
    yield taken("trailing-separators", f"{HEADER},,\n{ROW},,\n")
    yield taken("too-few-cells", rows("R1,1,2026-05-30", ROW), 1, "too_few_cells")
    yield taken("too-many-cells", rows("R1,1,2026-05-30,7,1,a,b", ROW), 1, "too_many_cells")
    yield taken(
        "a-comma-without-quotes",
        rows("R1,1,2026-05-30,7,1,trop petit, dommage", ROW),
        1,
        "too_many_cells",
    )
    yield refused(
        "a-quote-that-is-never-closed",
        rows('R1,1,2026-05-30,7,1,"trop petit', *[ROW * 1000] * 50),
        "endless_row",
    )
    yield refused("ten-megabytes-in-a-cell", rows(f"{ENDS_WITH}{'x' * 10_000_000}"), "endless_row")
    yield refused("ten-megabytes-without-a-line", "a,b" * 4_000_000, "too_many_columns")
    yield taken("a-large-cell", rows(f"{ENDS_WITH}{'x' * 900_000}"))
    yield taken(
        "a-backslash", f"{HEADER}\nR1,1,2026-05-30,7,1,\\N and \\t\n", comment="\\N and \\t"
    )
    yield taken("a-tab-in-a-cell", f"{HEADER}\nR1,1,2026-05-30,7,1,a\tb\n", comment="a\tb")


def headers() -> Iterator[Case]:
    yield refused("empty", b"", "empty")
    yield refused("only-a-mark", codecs.BOM_UTF8, "empty")
    yield refused("only-blanks", b" \r\n \r\n\t", "empty")
    yield refused("only-zeros", b"\0" * 5_000, "damaged")
    yield refused("a-program", b"MZ\x90\0\3\0\0\0" + b"\0" * 500, "not_text")
    yield refused("a-film", b"\0\0\0\x18ftypmp42" + b"\0" * 100, "not_text")
    tar = b"returns.csv".ljust(257, b"\0") + b"ustar".ljust(255, b"\0") + GOOD.encode()
    yield refused("a-tar", tar, "archive")
    yield refused("a-tar-in-a-gz", gzip.compress(tar), "archive")
    orders = "order_id,line_id,order_date,status,product_id,variant_id,sku,size_label,quantity,price,currency\n"
    orders += "7,1,2026-05-30,complete,1,2,A-38,38,1,9.90,EUR\n"
    few = GOOD.replace("return_date", "sku").replace("2026-05-30", "A-38")  # enough for stock
    yield refused("returns-without-a-date", few, "missing_columns")
    yield refused("orders-sent-as-returns", orders, "other_dataset")
    yield refused("header-only", f"{HEADER}\n", "header_only")
    yield refused("header-and-blank-rows", f"{HEADER}\n,,,,,\n\n", "header_only")
    yield refused("no-header", f"{ROW}\n{ROW}\n", "no_header")
    yield refused("one-column", "return_id\nR1\n", "one_column")
    yield refused("a-needed-heading-twice", f"{HEADER},quantity\n{ROW},1\n", "repeated_heading")
    yield taken("another-heading-twice", f"{HEADER},note,note\n{ROW},a,b\n")
    yield refused("columns-missing", "return_id,line_id\nR1,1\n", "missing_columns")
    yield asked(
        "columns-unknown",
        "return_id,line_id,return_date,order_id,Menge\nR1,1,2026-05-30,7,1\n",
        "columns",
    )
    french = "N° retour;Ligne;Date de retour;N° commande;Quantité;Commentaire"
    yield taken("french-headings", f"{french}\n{ROW.replace(',', ';')}\n", comment="trop petit")
    yield taken("shouted-headings", GOOD.replace(HEADER, HEADER.upper().replace("_", " ")))
    yield refused(
        "six-hundred-columns", ",".join(f"c{n}" for n in range(600)) + "\n", "too_many_columns"
    )
    yield taken(
        "other-columns-beside", f"{HEADER},e-mail,{ENDS_WITH.replace(',', '')}\n{ROW},a@b.fr,x\n"
    )


def values() -> Iterator[Case]:
    yield taken(
        "decimal-commas", rows('R1,1,2026-05-30,7,"1,5",', 'R2,1,2026-05-30,7,"1.234,5",'), 2
    )
    yield taken("thousands", rows('R1,1,2026-05-30,7,"1,234.5",', "R2,1,2026-05-30,7,1 234.5,"), 2)
    yield taken(
        "no-number",
        rows("R1,1,2026-05-30,7,two,", "R2,1,2026-05-30,7,NaN,", "R3,1,2026-05-30,7,1e999,", ROW),
        1,
        "not_a_number",
        "not_a_number",
        "not_a_number",
    )
    yield taken("numbers-of-other-scripts", rows("R1,1,2026-05-30,7,٣,"))
    yield taken("less-than-nothing", rows("R1,1,2026-05-30,7,-1,", ROW), 1, "negative")
    yield taken("too-large", rows(f"R1,1,2026-05-30,7,{'9' * 15},", ROW), 1, "number_too_large")
    yield taken("a-blank-that-is-needed", rows(",1,2026-05-30,7,1,", ROW), 1, "required")
    yield taken("a-key-too-long", rows(f"{'R' * 256},1,2026-05-30,7,1,", ROW), 1, "too_long")
    yield taken("a-zero-byte", rows("R1,1,2026-05-30,7,1,a\0b", ROW), 1, "control_character")
    yield taken(
        "an-escape-character", rows("R1,1,2026-05-30,7,1,\x1b[31m", ROW), 1, "control_character"
    )
    yield taken("excel-days", rows("R1,1,46172,7,1,", 'R2,1,"46172,5",7,1,'), 2)
    yield asked("days-of-1904", rows("R1,1,44710,7,1,"), "date_system")
    yield asked("days-or-months", rows("R1,1,03/04/2026,7,1,"), "date_order")
    yield taken("days-first", rows("R1,1,03/04/2026,7,1,", "R2,1,25/04/2026 8h05,7,1,"), 2)
    yield taken("months-first", rows("R1,1,03/04/2026,7,1,", "R2,1,04/25/2026 8:05 PM,7,1,"), 2)
    yield taken("days-with-dots", rows("R1,1,3.4.2026,7,1,", "R2,1,03.04.26,7,1,"), 2)
    yield taken(
        "named-months",
        rows(
            "R1,1,3 avril 2026,7,1,",
            'R2,1,"Apr 3, 2026",7,1,',
            'R3,1,"Fri, 03 Apr 2026 08:05:00 +0200",7,1,',
        ),
        3,
    )
    yield taken("seconds-since-1970", rows("R1,1,1780000000,7,1,", "R2,1,1780000000000,7,1,"), 2)
    yield taken(
        "no-such-day",
        rows("R1,1,2026-02-30,7,1,", "R2,1,31/06/2026,7,1,", ROW),
        1,
        "no_such_day",
        "no_such_day",
    )
    yield taken(
        "no-date",
        rows("R1,1,yesterday,7,1,", "R2,1,2026-05-30T25:00,7,1,", ROW),
        1,
        "not_a_date",
        "not_a_date",
    )
    yield taken(
        "long-ago-and-far-away",
        rows(
            "R1,1,1970-01-01,7,1,",
            "R2,1,2099-01-01,7,1,",
            "R3,1,0001-01-01T00:00:00+14:00,7,1,",
            ROW,
        ),
        1,
        *["date_out_of_range"] * 3,
    )
    yield taken("a-formula", rows("=cmd|' /C calc'!A0,1,2026-05-30,7,1,", ROW), 1, "formula")
    yield taken(
        "a-formula-that-failed",
        rows("#REF!,1,2026-05-30,7,1,", "R2,1,#VALEUR!,7,1,", ROW),
        1,
        "formula",
        "formula",
    )
    yield taken("a-text-for-excel", rows('"=""007""",1,2026-05-30,7,1,'))
    yield taken("signs-in-front", rows("-R1,1,2026-05-30,7,1,+1", "@R2,1,2026-05-30,7,1,-"), 2)
    yield taken("digits-that-excel-lost", rows("1.23E+12,1,2026-05-30,7,1,", ROW), 1, "digits_lost")
    yield taken("the-same-twice", rows(ROW, ROW, ROW), 3, "repeated", "repeated")
    yield refused(
        "all-wrong",
        rows("R1,1,x,7,1,", "R2,1,2026-05-30,7,x,"),
        "too_wrong",
        "not_a_date",
        "not_a_number",
    )
    yield taken(
        "a-choice-that-is-none", f"{HEADER},source\n{ROW},pigeon\n{ROW},File\n", 1, "not_a_choice"
    )


def containers() -> Iterator[Case]:
    good = GOOD.encode()
    yield taken("gz", gzip.compress(good))
    yield taken("zip", zipped(("returns.csv", good)))
    yield taken(
        "zip-of-a-mac",
        zipped(
            ("a/", b""),
            ("a/returns.csv", good),
            ("__MACOSX/a/._returns.csv", b"x"),
            ("a/.DS_Store", b"x"),
        ),
    )
    yield refused("gz-cut-off", gzip.compress(good * 2000)[:-20], "damaged")
    yield refused("gz-with-a-flipped-bit", _flipped(gzip.compress(good * 2000)), "damaged")
    yield refused("gz-bomb", gzip.compress(b"R1,1\n" * 8_000_000, 9), "zip_bomb")
    yield refused("zip-bomb", zipped(("returns.csv", good + b"0" * 40_000_000)), "zip_bomb")
    yield refused("zip-cut-off", zipped(("returns.csv", good * 2000))[:-40], "damaged")
    yield refused("zip-of-nothing", zipped(), "zip_empty")
    yield refused("zip-of-two", zipped(("a.csv", good), ("b.csv", good)), "zip_several")
    yield refused("zip-of-a-hundred-thousand", crowded(100_000), "zip_several")
    for method in (zipfile.ZIP_LZMA, 9, 93):
        yield refused(f"zip-packed-by-method-{method}", _packed_by(method), "archive")
    yield taken("zip-packed-by-bzip2", zipped(("returns.csv", good), compress=zipfile.ZIP_BZIP2))
    yield taken("zip-not-packed-at-all", zipped(("returns.csv", good), compress=zipfile.ZIP_STORED))
    yield refused("zip-that-leads-out", zipped(("../../etc/cron.d/x.csv", good)), "zip_name")
    yield refused("zip-that-leads-to-the-root", zipped(("/etc/passwd", good)), "zip_name")
    yield refused("zip-that-leads-to-a-drive", zipped(("C:\\returns.csv", good)), "zip_name")
    yield refused("zip-with-a-password", _encrypted(), "zip_encrypted")
    yield refused(
        "zip-in-a-zip", zipped(("returns.csv", zipped(("returns.csv", good)))), "zip_nested"
    )
    yield refused("gz-in-a-gz", gzip.compress(gzip.compress(good)), "zip_nested")
    yield refused("an-empty-gz", gzip.compress(b""), "empty")
    yield refused(
        "xlsx",
        zipped(("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")),
        "spreadsheet",
    )
    yield refused(
        "ods",
        zipped(("mimetype", b"x"), ("META-INF/manifest.xml", b"x"), ("content.xml", b"x")),
        "spreadsheet",
    )
    yield refused("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000, "spreadsheet")
    yield refused(
        "docx", zipped(("[Content_Types].xml", b"x"), ("word/document.xml", b"x")), "not_text"
    )
    yield refused("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_text")
    yield refused("png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_text")
    yield refused(
        "a-page-of-the-web", b"<!DOCTYPE html>\n<html><body>404</body></html>", "not_text"
    )
    yield refused("xml", b'<?xml version="1.0"?>\n<returns/>', "not_text")
    yield refused("json", b'[{"return_id": "R1"}]', "not_text")
    yield refused("bzip2", bz2.compress(good), "archive")
    yield refused("xz", lzma.compress(good), "archive")
    yield refused("bytes-of-any-kind", bytes(range(1, 256)) * 20, "not_text")


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


CASES = [*encodings(), *shapes(), *headers(), *values(), *containers()]
