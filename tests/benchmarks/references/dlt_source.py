"""dlt's REST source, merged into PostgreSQL; in the configuration that was fastest here.

With --nested it is what settings reach: the source as declared, its items in a table of their own. Without,
our own function makes the lines while they are extracted, and dlt normalises one flat table. CSV files for
COPY, files so small that both workers have some, forked, no telemetry: each was faster than what was tried
in its place (insert_values, one worker, spawn, one large file). A column contract changed nothing: it does
not hold for the load that makes the table.
"""

import os
import sys
from typing import ClassVar

import dlt
import requests
from dlt.common.configuration import configspec
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.rest_api import rest_api_source
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from requests_oauthlib import OAuth1

from tests.benchmarks.references.asked import (
    PAGE_SIZE,
    SIZES_PATH,
    STORES_PATH,
    Asked,
    Shop,
    lines,
)


@configspec
class Signed(AuthConfigBase):
    """dlt takes classes of its own alone, and makes copies of them."""

    oauth: ClassVar[OAuth1]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return self.oauth(request)


def main() -> None:
    asked = Asked.read()
    nested = "--nested" in sys.argv
    _configure(asked)
    auth = OAuth1(
        asked.consumer_key,
        asked.consumer_secret,
        asked.access_token,
        asked.access_token_secret,
        signature_method=SIGNATURE_HMAC_SHA256,
    )
    Signed.oauth = auth
    labels = [
        requests.get(f"{asked.url}/rest/V1/{path}", auth=auth, timeout=60).json()
        for path in (SIZES_PATH, STORES_PATH)
    ]
    shop = Shop.of(*labels)
    orders = {
        "name": "orders",
        "endpoint": {
            "path": "orders",
            "params": {
                "searchCriteria[sortOrders][0][field]": "updated_at",
                "searchCriteria[sortOrders][0][direction]": "ASC",
                "searchCriteria[pageSize]": PAGE_SIZE,
            },
            "data_selector": "items",
            "paginator": {
                "type": "page_number",
                "base_page": 1,
                "page_param": "searchCriteria[currentPage]",
                "total_path": None,
                "stop_after_empty_page": True,
            },
        },
        "primary_key": "entity_id" if nested else "line_id",
        "write_disposition": {"disposition": "merge", "strategy": "upsert"},
        "max_table_nesting": 1 if nested else 0,
    }
    if not nested:
        orders["processing_steps"] = [{"yield_map": lambda order: lines(order, shop, asked)}]
    source = rest_api_source(
        {"client": {"base_url": f"{asked.url}/rest/V1/", "auth": Signed()}, "resources": [orders]}
    )
    pipeline = dlt.pipeline(
        "bench",
        destination="postgres",
        dataset_name="dlt",
        pipelines_dir=asked.folder,
    )
    pipeline.run(source, loader_file_format="csv")


def _configure(asked: Asked) -> None:
    host, user, name = (part.partition("=")[2] for part in asked.database.split())
    os.environ |= {
        # The host in the query wins; the other is there because dlt wants one.
        "DESTINATION__POSTGRES__CREDENTIALS": f"postgresql://{user}:none@localhost/{name}?host={host}",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "NORMALIZE__WORKERS": "2",
        "NORMALIZE__START_METHOD": "fork",
        "LOAD__WORKERS": "4",
        "DATA_WRITER__FILE_MAX_ITEMS": "2500",
        "EXTRACT__WORKERS": "4",
    }


if __name__ == "__main__":
    main()
