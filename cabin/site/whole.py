"""All files of a site: pure, so that the same given ones give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from cabin.site import kept_pages, lineage_pages, monitor_pages, result_page, scorecard_page, start, suite_pages
from cabin.site.given import Given
from contracts.ban import ban_list
from contracts.site import code_page, contract_list, contract_page, dictionary_page, place, table_page, topic_pages
from contracts.site.shell import Page, assets, chooser, rendered

MARKER = "site.json"
"""By this file a folder is known as a site of ours; it tells machines what the site was made of."""
FORMAT = "cabin-site/1"


def files(given: Given) -> Iterator[tuple[str, bytes]]:
    """Path and content, one after the other: both languages have the same pages."""
    yield from assets().items()
    for page in pages(given):
        for lang in place.LANGUAGES:
            yield f"{lang}/{page.path}", rendered(page, lang, given.about).encode()
    for lang in place.LANGUAGES:
        yield f"{lang}/{place.ASYNCAPI}", orjson.dumps(given.documents[lang], option=orjson.OPT_INDENT_2)
    yield MARKER, _marker(given)
    yield place.START, chooser().encode()


def pages(given: Given) -> list[Page]:
    """Every page; each exists in both languages."""
    contracts = given.contracts
    tables = [*table_page.pages(contracts, ban_list()), *kept_pages.pages(given)]
    return [
        start.page(given),
        contract_list.page(contracts, tables),
        *tables,
        *contract_page.pages(contracts),
        *code_page.pages(contracts),
        dictionary_page.page(contracts),
        *suite_pages.pages(given),
        result_page.page(given),
        *monitor_pages.pages(given),
        *scorecard_page.pages(given),
        *lineage_pages.pages(given),
        *topic_pages.pages(given.documents),
    ]


def _marker(given: Given) -> bytes:
    told = {
        "format": FORMAT,
        "built": given.at.isoformat(timespec="seconds"),
        "contracts": given.released.fingerprint,
        "snapshot": given.published.snapshot if given.published else None,
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"
