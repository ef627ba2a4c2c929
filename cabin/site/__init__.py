"""Data docs as one folder of plain files, in Chinese and English, for browsers without a network.

Read `given` (what a site is made of), `gathered` (where that comes from), `whole` (all files of a site), then the pages that need more than contracts: `start`, `suite_pages`,
`result_page`, `monitor_pages` (and `monitors`), `kept_pages`, `lineage_pages`, `scorecard_page`; `writing` puts a site where it belongs, whole or not at all. Pages about contracts alone are in `contracts.site`.
"""
