"""How well false sentences are told from true ones: the check by typed claims beside the lexical one it replaced.

Run: ``python -m benchmarks.grounding [--show]``. The sentences are in ``benchmarks/data/grounding*.toml``.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from statistics import quantiles
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.evidence import Fact, Finding, Ledger, product_facts
from assistant.grounding import Checker
from assistant.tools.catalog import line, listing
from benchmarks.lexical_check import check as lexical_check
from retriever.product import Availability, Money, PriceRange, Product, Rating, Variant


@dataclass(frozen=True)
class Sentence:
    """A sentence to judge over a ledger, after what was said before it."""

    text: str
    before: tuple[str, ...]
    true: bool
    language: str
    ledger: Ledger


def sentences() -> Iterator[Sentence]:
    """Every sentence of the data."""
    data = _data("grounding.toml")
    scenes = {scene["name"]: scene for scene in data["scene"]}
    ledgers = {name: ledger_of(scene, data["goods"]) for name, scene in scenes.items()}
    more = [{**held, "name": held["scene"]} for held in _data("grounding_more.toml")["more"]]
    for group in (*scenes.values(), *more):
        name = group["name"]
        for truth in ("true", "false"):
            for text in group[truth]:
                *before, last = text.split(" || ")
                yield Sentence(last, tuple(before), truth == "true", scenes[name]["language"], ledgers[name])


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((files("benchmarks") / "data" / name).read_text(encoding="utf-8"))


def typed(sentence: Sentence) -> bool:
    """What the check by typed claims says."""
    checker = Checker(sentence.ledger)
    for earlier in sentence.before:
        checker.judge(earlier)
    return checker.judge(sentence.text).ok


def lexical(sentence: Sentence) -> bool:
    """What the lexical check says."""
    return lexical_check(sentence.text, sentence.ledger).ok


def figures(judge: Callable[[Sentence], bool], language: str) -> dict[str, float]:
    """Precision, recall and the counts behind them."""
    rows = [sentence for sentence in sentences() if sentence.language == language]
    passed = [sentence for sentence in rows if judge(sentence)]
    right = sum(sentence.true for sentence in passed)
    true = sum(sentence.true for sentence in rows)
    return {
        "true": true,
        "false": len(rows) - true,
        "true shown": right,
        "false shown": len(passed) - right,
        "precision": right / max(len(passed), 1),
        "recall": right / true,
    }


def ledger_of(scene: dict[str, Any], goods: dict[str, Any]) -> Ledger:
    """The ledger that the tools would leave for a scene."""
    language: str = scene["language"]
    findings: list[Finding] = []
    shown: tuple[Product, ...] = tuple(product(key, goods[key], language) for key in scene.get("goods", []))
    if shown:
        text = listing(shown, language) if len(shown) > 1 else _read(next(iter(shown)), language)
        findings.append(Finding(text, tuple(fact for held in shown for fact in product_facts(held)), shown))
    if policies := scene.get("policies"):
        facts = tuple(Fact("policy", body, title, "policy", id, "body") for id, title, body in policies)
        findings.append(Finding("\n".join(f"{title}: {body}" for _, title, body in policies), facts))
    if order := scene.get("order"):
        findings.append(_order(order, goods))
    if cart := scene.get("cart"):
        findings.append(_cart(cart, goods, language))
    found = frozenset(fact.id for finding in findings for fact in finding.facts if fact.type in ("product", "variant"))
    kept = [(finding.text, finding.artifact()) for finding in findings]
    return Ledger.of(kept, scene["said"], scene.get("done", False), found)


def product(key: str, row: dict[str, Any], language: str) -> Product:
    """One of the data's goods in a language."""
    chinese = language == "zh"
    variants = [_variant(key, place, held, chinese) for place, held in enumerate(row["variants"])]
    prices = [variant.price for variant in variants if variant.price]
    stocked = any(variant.availability.available for variant in variants)
    return Product(
        id=key,
        title=row["zh" if chinese else "title"],
        description=row["description_zh" if chinese else "description"],
        brand=row["brand"],
        categories=tuple(row["categories"]),
        price_range=PriceRange(min=min(prices, key=lambda m: m.amount), max=max(prices, key=lambda m: m.amount)),
        rating=Rating(value=row["rating"][0], count=row["rating"][1]),
        attributes=row["attributes_zh" if chinese else "attributes"],
        availability=Availability(available=stocked, status="in_stock" if stocked else "out_of_stock"),
        variants=tuple(variants),
    )


def _variant(key: str, place: int, row: list[Any], chinese: bool) -> Variant:
    color, color_zh, size, price, available = row
    options = {"颜色" if chinese else "color": color_zh if chinese else color}
    if size:
        options["容量" if chinese else "size"] = size.split("|")[chinese]
    return Variant(
        id=f"{key}-{place}",
        title=" / ".join(options.values()),
        price=Money.from_major(price, "USD"),
        options=options,
        availability=Availability(available=available, status="in_stock" if available else "out_of_stock"),
    )


def _read(held: Product, language: str) -> str:
    lines = [line(held, language), *(f"{name}: {value}" for name, value in held.attributes.items()), held.description]
    return "\n".join(lines)


def _money(amount: str) -> dict[str, Any]:
    return Money.from_major(amount, "USD").model_dump()


def _order(order: dict[str, Any], goods: dict[str, Any]) -> Finding:
    about = f"order {order['id']}"
    facts = [
        Fact("order", order["status"], about, "order", order["id"], "status"),
        Fact("order", order["placed"], about, "order", order["id"], "placed_at"),
        Fact("price", _money(order["total"]), about, "order", order["id"], "total"),
        Fact("order", order["tracking"], about, "order", order["id"], "fulfillments"),
    ]
    for place, (key, _, price) in enumerate(order["lines"]):
        facts.append(Fact("price", _money(price), goods[key]["title"], "order", order["id"], f"lines.{place}.price"))
    head = f"Order {order['id']}: {order['status']}, placed {order['placed']}"
    return Finding(f"{head}\ntotal ${order['total']}\ntracking {order['tracking']}", tuple(facts))


def _cart(cart: dict[str, Any], goods: dict[str, Any], language: str) -> Finding:
    facts: list[Fact] = []
    texts: list[str] = []
    for key, quantity, price, total in cart["lines"]:
        title = goods[key]["zh" if language == "zh" else "title"]
        facts.append(Fact("attribute", quantity, title, "cart", "c1", f"lines.{key}.quantity"))
        facts.append(Fact("price", _money(price), title, "cart", "c1", f"lines.{key}.price"))
        facts.append(Fact("price", _money(total), title, "cart", "c1", f"lines.{key}.line_total"))
        texts.append(f"{quantity} x {title}: ${total}")
    facts.append(Fact("price", _money(cart["total"]), "cart total", "cart", "c1", "total"))
    return Finding("In the cart:\n" + "\n".join(texts) + f"\ntotal ${cart['total']}", tuple(facts))


def wide_ledger(count: int = 50) -> Ledger:
    """A ledger of many products, for the time a check takes."""
    data = _data("grounding.toml")["goods"]
    rows = list(data.values())
    names = [f"Model{place}" for place in range(count)]
    goods = [
        product(
            f"p{place}",
            {**rows[place % len(rows)], "title": f"Brand{place} {name} Tent", "brand": f"Brand{place}"},
            "en",
        )
        for place, name in enumerate(names)
    ]
    facts = tuple(fact for held in goods for fact in product_facts(held))
    finding = Finding(listing(tuple(goods), "en"), facts, tuple(goods))
    return Ledger.of([(finding.text, finding.artifact())], ["tents"])


def speed() -> dict[str, float]:
    """Milliseconds: reading a ledger of 50 products once, and judging a sentence over it."""
    ledger = wide_ledger()
    checker = Checker(ledger)
    texts = [
        "The Model3 costs $39 to $49.",
        "The Model4 is lighter than the Model6 and in stock.",
        "It comes in green.",
        "I found fifty tents.",
    ]
    for text in texts:
        checker.judge(text)  # the first reading of each record is kept
    times: list[float] = []
    for text in texts * 50:
        started = perf_counter()
        checker.judge(text)
        times.append((perf_counter() - started) * 1000)
    started = perf_counter()
    Checker(ledger).judge(texts[0])
    first = (perf_counter() - started) * 1000
    cuts = quantiles(times, n=20)
    return {"first sentence": first, "p50": cuts[9], "p95": cuts[18]}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="name the sentences that the typed check gets wrong")
    parser.add_argument("--json", action="store_true", help="the figures as JSON and nothing else")
    chosen = parser.parse_args()
    console = Console(width=160)
    judges = {"lexical": lexical, "typed claims": typed}
    rows = {(name, language): figures(judge, language) for name, judge in judges.items() for language in ("en", "zh")}
    took = speed()
    if chosen.json:
        console.print_json(json.dumps({"figures": {" ".join(key): held for key, held in rows.items()}, "ms": took}))
        return
    table = Table("check", "language", "true", "shown", "false", "shown", "precision", "recall")
    for (name, language), held in rows.items():
        counts = [f"{held[key]:.0f}" for key in ("true", "true shown", "false", "false shown")]
        table.add_row(name, language, *counts, f"{held['precision']:.3f}", f"{held['recall']:.3f}")
    console.print(table)
    console.print(f"50 products, ms a sentence: {', '.join(f'{name} {value:.1f}' for name, value in took.items())}")
    if chosen.show:
        for sentence in sentences():
            verdict = Checker(sentence.ledger)
            for earlier in sentence.before:
                verdict.judge(earlier)
            found = verdict.judge(sentence.text)
            if found.ok != sentence.true:
                console.print(
                    f"{'withheld' if sentence.true else 'SHOWN'}: {sentence.text}  ({found.why})", markup=False
                )


if __name__ == "__main__":
    main()
