"""Pages that people print or send: laid out once, drawn as HTML that needs no other file and as PDF. Pure.

Read `shapes` (drawings, as SVG and PDF both know them), `charts` (the charts that several pages have), `page` (what a page consists of), then `html` and `pdf`.
It knows no mart and no feed: who has something to say composes a `Page`.
"""
