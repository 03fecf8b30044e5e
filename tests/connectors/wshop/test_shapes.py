"""Answers as PHP writes them, decoded by the tables."""

from dataclasses import replace

import msgspec
import pytest

from connectors.wshop.dialect import DIALECT, Endpoint, Paging
from connectors.wshop.shapes import MissingIdError, one_value, shape

SIZES = DIALECT.endpoints["sizes"]


def _labels(body: str, endpoint: Endpoint = SIZES) -> list[object]:
    return [record["label"] for record in shape(endpoint).batch(body.encode()).records]


def test_a_list_a_list_with_gaps_and_nothing_are_all_lists() -> None:
    assert _labels('{"data": [{"id": 1, "label": "S"}]}') == ["S"]
    assert _labels('{"data": {"4": {"id": 1, "label": "S"}, "7": {"id": 2, "label": "M"}}}') == [
        "S",
        "M",
    ]
    assert _labels('{"data": []}') == []
    assert _labels('{"data": null}') == []
    assert _labels('{"success": true}') == []


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert _labels('\ufeff{"data": [{"id": 1, "label": "S"}]}') == ["S"]


def test_totals_and_tokens_may_be_numbers_text_or_missing() -> None:
    endpoint = replace(SIZES, paging=Paging(total="paging.total", next="paging.next"))
    batches = [
        shape(endpoint).batch(body)
        for body in (
            b'{"data": [], "paging": {"total": "12", "next": 40}}',
            b'{"data": [], "paging": []}',
            b'{"data": [], "paging": {"next": false}}',
        )
    ]
    assert [(batch.total, batch.next) for batch in batches] == [
        (12, "40"),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": "none"}',
        b'{"data": [1, 2]}',
        b'{"data": [{"id": {"value": 1}}]}',
        b'{"data": {"items": []}}',
        b"<html>",
        b"",
    ],
)
def test_an_answer_of_another_shape_is_refused_without_its_values(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError) as refused:
        shape(SIZES).batch(body)
    assert "none" not in str(refused.value)


@pytest.mark.parametrize("record", [b"{}", b'{"id": null}', b'{"id": ""}'])
def test_a_record_needs_an_id(record: bytes) -> None:
    with pytest.raises(MissingIdError):
        shape(SIZES).batch(b'{"data": [' + record + b"]}")


def test_a_table_whose_paths_contradict_each_other_is_refused() -> None:
    for fields in ({"id": "id", "label": "id.text"}, {"label": "id.text", "id": "id"}):
        with pytest.raises(ValueError, match="of the table"):
            shape(replace(SIZES, fields=fields))


def test_keys_may_be_written_in_any_way() -> None:
    endpoint = replace(SIZES, fields={"id": "Size-Id", "label": "libellé.Nom court"})
    assert _labels('{"data": [{"Size-Id": 1, "libellé": {"Nom court": "S"}}]}', endpoint) == ["S"]


def test_one_value_is_found_at_its_path() -> None:
    assert one_value(b'{"data": {"token": "abc", "user": {"email": "x"}}}', "data.token") == "abc"
    assert one_value(b'{"data": []}', "data.token") is None
