"""Pages about contracts for a site of plain files: what can be said from contracts alone. Pure.

Read `markup` (text that is safe to be HTML), `place` (where pages lie, and how one names another), `shell` (what stands around every page), then the pages: `contract_page`,
`contract_list`, `code_page`, `table_page`, `dictionary_page`, `topic_pages`. `site.css` and `site.js` are the two files that all pages share; nothing is loaded from elsewhere.
"""
