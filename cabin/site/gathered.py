"""What a site is made of, from an installation: contracts, what is published, what checks found, what monitors say. A data folder that is not there yet is no error.

Nothing of it is changed but the index of the quarantine desk, which scorecards bring up to date, and the profiles of deliveries, which monitors do.
"""

from __future__ import annotations

from datetime import datetime

from cabin.checking import folder_of
from cabin.published import about
from cabin.session import Session
from cabin.site.cards import cards
from cabin.site.given import Given, Published
from cabin.site.monitors import monitors
from cabin.site.results import results_in
from warehouse.catalogue import mart_files


def gathered(session: Session, at: datetime) -> Given:
    """Of the contracts in force and the data folder; `at` is when the site is built."""
    found = about(session.data)
    published = None if found is None else Published(found.name, found.moment)
    made = () if found is None or found.empty else cards(session)
    return Given(session.contracts, mart_files(), at, session.settings.partitions, published, results_in(folder_of(session)), made, monitors(session, at))
