"""Show sixty of the demo's goods on one page, as the chat page shows them, and take its picture.

``.venv/bin/python scripts/contact_sheet.py`` writes ``contact-sheet-light.webp`` and ``-dark.webp`` into
docs/pictures; ``--html FILE`` keeps the page itself, which needs nothing beside it. Look at it after
changing a drawing: a test can say that a picture is well formed, but not what it looks like.
"""

from __future__ import annotations

import argparse
import base64
import io
import itertools
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from retriever.demo.generate import CURRENCY, Made
from retriever.demo.pictures import picture
from retriever.demo.relations import products
from retriever.writing import stamped_of
from ui.cards import cards

ROOT = Path(__file__).resolve().parent.parent
WIDTH, QUALITY = 1240, 66
THEMES = ("light", "dark")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What Gradio's own styles say before the page's: without a Gradio around it the sheet has to say so itself.
RESET = (
    "*, *::before, *::after { box-sizing: border-box; } body { margin: 0; } main { padding-bottom: 24px !important; }"
)


def spread(made: Sequence[Made], count: int) -> list[Made]:
    """So many products, evenly over the families: a first of every family before a second of any."""
    families: dict[str, list[Made]] = {}
    for item in made:
        families.setdefault(item.family.id, []).append(item)
    groups = [group[n % len(group) :] + group[: n % len(group)] for n, group in enumerate(families.values())]
    if len(groups) > count:
        groups = [groups[n * len(groups) // count] for n in range(count)]
    turns = itertools.chain.from_iterable(itertools.zip_longest(*groups))
    chosen = list(itertools.islice((item for item in turns if item is not None), count))
    return sorted(chosen, key=lambda item: (item.family.department, item.family.silhouette, item.row.id))


def page(made: Sequence[Made], theme: str) -> str:
    """The HTML of the sheet, its pictures and styles within."""
    shelf = cards([stamped_of(item.row, CURRENCY).product for item in made], "en")
    for item in made:
        drawn = picture(item.row.id) or ""
        data = base64.b64encode(drawn.encode()).decode()
        shelf = shelf.replace(f'src="{item.row.images[0]}"', f'src="data:image/svg+xml;base64,{data}"')
    shelf = shelf.replace(' loading="lazy"', "")  # a screenshot does not scroll
    style = (ROOT / "ui" / "page.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="en" class="{theme}"><head><meta charset="utf-8"><title>Contact sheet</title>'
        f"<style>{RESET}{style}</style></head>"
        f'<body><div class="gradio-container"><main><div id="sw-shop">{shelf}</div></main></div></body></html>'
    )


def shot(browser_page: Page, html: str) -> Image.Image:
    """What a browser makes of a page, in full length."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.html"
        file.write_text(html, encoding="utf-8")
        browser_page.goto(file.as_uri(), wait_until="load")
        return Image.open(io.BytesIO(browser_page.screenshot(full_page=True))).convert("RGB")


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures", help="folder of the screenshots")
    parser.add_argument("--html", type=Path, help="keep the page here")
    parser.add_argument("--count", type=int, default=60, help="how many goods")
    told = parser.parse_args()
    chosen = spread(products(), told.count)
    if told.html:
        told.html.write_text(page(chosen, "light"), encoding="utf-8")
    told.to.mkdir(parents=True, exist_ok=True)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": WIDTH, "height": 900})
        for theme in THEMES:
            file = told.to / f"contact-sheet-{theme}.webp"
            shot(opened, page(chosen, theme)).save(file, quality=QUALITY, method=6)
            print(f"{file}: {len(chosen)} goods, {file.stat().st_size / 1000:.0f} kB", file=sys.stderr)
        browser.close()


if __name__ == "__main__":
    main()
