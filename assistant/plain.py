"""Plain words made from the records: what is said where the model says nothing that can be proved."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.events import Evidence
from assistant.evidence import Fact, Finding, given_by, money_of, price_text, product_facts, short_title, stock_text
from assistant.grounding import clerk_words, denies, stems
from assistant.grounding.words import lexicon, spoken
from assistant.phrases import phrase, refusal
from assistant.recommended import is_recommendation, question_of, reasons_of, with_reasons
from retriever.product import Product
from retriever.text import fold, holds_han

NAMED = 3  # products that the plain reply names; the cards show the rest

ASKED = {
    "price": r"(?<![a-z])(?:price|prices|cost|costs|how much|expensive)(?![a-z])|多少钱|价格|价钱|售价|贵",
    "availability": r"(?<![a-z])(?:stock|available|availability|sold out)(?![a-z])|有货|库存|现货|缺货|还有吗",
    "rating": r"(?<![a-z])(?:rated|rating|ratings|reviews?|good)(?![a-z])|评分|评价|口碑|好评",
}
_RULE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def plain_reply(
    findings: Sequence[Finding], refused: str, language: str, asked: str = ""
) -> tuple[str, tuple[Evidence, ...]]:
    """What the tools found, or why the last of them was ``refused``, in plain words with the proof of each claim.

    Args:
        findings: the turn's tool results.
        refused: why the last call was not done; empty where it was.
        language: the shopper's.
        asked: the shopper's message; what it asks about is answered first and alone.
    """
    if refused:
        return refusal(refused, language), ()
    if findings:
        return _finding_reply(findings[-1], language, asked)
    return phrase("nothing", language), ()


def _finding_reply(finding: Finding, language: str, asked: str) -> tuple[str, tuple[Evidence, ...]]:
    if told := str(finding.note.get("said", "")):
        return told, tuple(each.evidence(told) for each in given_by(finding.note))
    if "handoff_id" in finding.note:
        return phrase("handoff", language), ()
    if "relaxed" in finding.note:
        return nothing_reply(finding, language)
    if is_recommendation(finding):
        return recommended_reply(finding, language)
    if finding.products:
        return _goods_asked(finding, language, asked) or goods_reply(finding.products, language)
    if "order_id" in finding.note:
        return _order_reply(finding, language)
    if "orders" in finding.note:
        return _orders_reply(finding, language)
    if "cart" in finding.note:
        return finding.text, tuple(fact.evidence(_line_about(finding.text, fact)) for fact in finding.facts)
    return _rules_reply(finding, language, asked)


def _goods_asked(finding: Finding, language: str, asked: str) -> tuple[str, tuple[Evidence, ...]] | None:
    """The comparison that was made, or what was asked about the one product that was found."""
    compared = next((fact for fact in finding.facts if fact.kind == "comparison"), None)
    if compared is not None:
        return _compared(finding.products, compared, language)
    return product_reply(finding.products[0], asked, language) if len(finding.products) == 1 else None


def product_reply(product: Product, asked: str, language: str) -> tuple[str, tuple[Evidence, ...]] | None:
    """What ``asked`` wants to know of a product, in a sentence each; ``None`` if it names nothing on record."""
    words = fold(asked)
    facts = product_facts(product)
    said: list[tuple[str, list[Fact]]] = []
    for kind, pattern in ASKED.items():
        proofs = [fact for fact in facts if fact.kind == kind and fact.type == "product"]
        if re.search(pattern, words) and (sentence := _told(kind, product, language)):
            said.append((sentence, proofs))
    said += _options_asked(product, facts, words, language)
    said += _attributes_asked(product, facts, words, language)
    if not said:
        return None
    evidence = [fact.evidence(sentence) for sentence, proofs in said for fact in proofs]
    return _sentences([sentence for sentence, _ in said], language), tuple(evidence)


def _told(kind: str, product: Product, language: str) -> str:
    title = short_title(product.title)
    if kind == "price":
        name = "price_of" if product.price_range.min is not None else "price_unknown_of"
        return phrase(name, language, title=title, price=price_text(product, language))
    if kind == "availability":
        return phrase("stock_of", language, title=title, stock=stock_text(product.availability.available, language))
    if product.rating is None:
        return ""
    return phrase("rating_of", language, title=title, value=product.rating.value, count=product.rating.count)


def _options_asked(product: Product, facts: list[Fact], words: str, language: str) -> list[tuple[str, list[Fact]]]:
    said: list[tuple[str, list[Fact]]] = []
    for group in lexicon()["closed"].values():
        held = [f for f in facts if f.type == "variant" and f.field.removeprefix("options.") in group["names"]]
        wanted = any(name in words for name in group["names"]) or any(spoken(value, words) for value in group["values"])
        if held and wanted:
            values = phrase("list", language).join(dict.fromkeys(str(fact.value) for fact in held))
            first = {str(fact.value): fact for fact in reversed(held)}
            said.append(
                (phrase("options_of", language, title=short_title(product.title), values=values), [*first.values()])
            )
    return said


def _attributes_asked(product: Product, facts: list[Fact], words: str, language: str) -> list[tuple[str, list[Fact]]]:
    said: list[tuple[str, list[Fact]]] = []
    for name, value in product.attributes.items():
        others = next((group for group in lexicon()["measures"].values() if name in group), [name])
        if any(spoken(word, words) for word in (name, *others)) or spoken(value, words):
            proofs = [fact for fact in facts if fact.field == f"attributes.{name}"]
            title = short_title(product.title)
            shown = name[:1].upper() + name[1:]
            said.append((phrase("attribute_of", language, title=title, attribute=shown, value=value), proofs))
    return said


def _compared(products: Sequence[Product], cheapest: Fact, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """Which costs least, then each as a list shows it."""
    winner = next(product for product in products if product.id == cheapest.id)
    price = winner.price_range.min
    title = short_title(winner.title)
    first = phrase("cheapest", language, title=title, price=price.text(language) if price else "")
    goods = phrase("join", language).join(_product_words(product, language) for product in products)
    _, evidence = goods_reply(products, language)
    lines = [first, phrase("side_by_side", language, goods=goods)]
    return _sentences(lines, language), (cheapest.evidence(first), *evidence)


def _order_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """An order's state, day, total and tracking number, as far as they are on record."""
    said: list[tuple[str, Fact]] = []
    for fact in finding.facts:
        if fact.field == "status":
            status = _status(str(fact.value), language)
            said.append((phrase("order", language, id=fact.id, status=status), fact))
        elif fact.field == "placed_at":
            said.append((phrase("order_placed", language, day=fact.value), fact))
        elif fact.field == "total" and (total := money_of(fact)):
            said.append((phrase("order_total", language, total=total.text(language)), fact))
        elif fact.field == "fulfillments":
            said.append((phrase("order_tracking", language, number=fact.value), fact))
    return _sentences([text for text, _ in said], language), tuple(fact.evidence(text) for text, fact in said)


def _orders_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """How each of the customer's orders stands."""
    if not finding.facts:
        return phrase("no_orders", language), ()
    said = [
        (phrase("order", language, id=fact.id, status=_status(str(fact.value), language)), fact)
        for fact in finding.facts
    ]
    return _sentences([text for text, _ in said], language), tuple(fact.evidence(text) for text, fact in said)


def _status(status: str, language: str) -> str:
    """A state of an order in words of the language."""
    names = lexicon()["orders"].get(status.replace("_", " "), [status])
    return next((name for name in names if holds_han(name) == (language == "zh")), status)


def _rules_reply(finding: Finding, language: str, asked: str) -> tuple[str, tuple[Evidence, ...]]:
    """What the shop's rules say, or that they say nothing; a rule that is kept in English only is quoted as such."""
    query = str(finding.note.get("query", ""))
    if not finding.facts:
        return phrase("no_rule", language, query=query) if query else phrase("nothing", language), ()
    text = finding.text
    rule = _rule(finding, asked or query)
    said, evidence = rule or (text, tuple(fact.evidence(_line_about(text, fact)) for fact in finding.facts))
    foreign = language == "zh" and not holds_han(said)
    return (phrase("original", language, text=said) if foreign else said), evidence


def _rule(finding: Finding, asked: str) -> tuple[str, tuple[Evidence, ...]] | None:
    """The sentence of the shop's rules that shares most words with what was asked; ``None`` if none shares any."""
    wanted = set(stems(asked)) - clerk_words()
    best: tuple[float, str, Fact] | None = None
    for fact in finding.facts:
        for sentence in _RULE_END.split(str(fact.value)) if fact.kind == "policy" else ():
            held = set(stems(sentence)) - clerk_words()
            close = len(wanted & held) ** 2 / max(len(held), 1)  # of two with the same words the shorter says less else
            if close > (best[0] if best else 0):
                best = (close, sentence.strip(), fact)
    return (best[1], (best[2].evidence(best[1]),)) if best else None


def _sentences(sentences: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentences)


def nothing_reply(finding: Finding, language: str, said: str = "") -> tuple[str, tuple[Evidence, ...]]:
    """That a search found nothing that fits, what comes nearest, and which conditions stand in the way.

    Args:
        finding: the search's.
        language: the shopper's.
        said: what the reply says so far, which is not said again.
    """
    words = [nothing_found(finding, language, said)]
    evidence: tuple[Evidence, ...] = ()
    if finding.products:
        goods, evidence = _named(finding.products, language)
        words[0] += phrase("nearest", language, goods=phrase("join", language).join(goods))
    for sentence in finding.note["relaxed"]:
        names, _, rest = sentence.partition(": ")
        without = without_words(names.split(", "), finding.products, language)
        count = rest.split(" ")[0] + ("+" if "or more" in rest else "")
        words.append(phrase("relaxed", language, without=without, count=count))
    return _sentences([part.strip() for part in words if part], language), evidence


def nothing_found(finding: Finding, language: str, said: str = "") -> str:
    """That nothing fits; with what comes nearest it ends in how those goods differ. Only what is not yet ``said``."""
    parts = [] if denies(said) else [phrase("nothing_found", language, query=finding.note["query"])]
    nearest = finding.note.get("nearest", "")
    if nearest and fold(nearest) not in fold(said):
        parts.append(phrase("lead", language, without=nearest))
    return _sentences(parts, language)


def without_words(conditions: Sequence[str], products: Sequence[Product], language: str) -> str:
    """How it is said that conditions were let go of; an attribute is named only as the records name it."""
    held = {fold(name) for product in products for name in product.attributes}
    held |= {fold(name) for product in products for variant in product.variants for name in variant.options}
    *first, last = dict.fromkeys(_condition(name, held, language) for name in conditions)
    named = phrase("and", language).join([phrase("list", language).join(first), last] if first else [last])
    return phrase("without", language, conditions=named)


def _condition(name: str, held: set[str], language: str) -> str:
    kind, _, attribute = name.partition(".")
    if kind != "attributes":
        return phrase(name, language)
    if language != "zh" and fold(attribute) in held:
        return phrase("attribute", language, attribute=attribute)
    if fold(attribute) in lexicon()["closed"]["colours"]["names"]:
        return phrase("colours", language)
    return (
        phrase("attribute", language, attribute=attribute) if fold(attribute) in held else phrase("feature", language)
    )


def cards_reply(findings: Sequence[Finding], language: str, said: str = "") -> tuple[str, tuple[Evidence, ...]]:
    """The goods that the shopper sees as cards, by name; of what only comes nearest it is told, unless it was said."""
    latest = next(finding for finding in reversed(findings) if finding.products)
    if is_recommendation(latest):
        return recommended_reply(latest, language)
    return nothing_reply(latest, language, said) if "nearest" in latest.note else goods_reply(latest.products, language)


def recommended_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """The first few of the recommended products, each with the reasons for it."""
    question = question_of(finding, language)
    if not finding.products:
        nothing = phrase("recommend_none_again" if finding.note.get("goal") == "again" else "recommend_none", language)
        return _sentences([part for part in (nothing, question) if part], language), ()
    goods, evidence = _named(finding.products, language)
    told: list[str] = []
    for product, words in zip(finding.products, goods, strict=False):
        given = reasons_of(finding, product.id)
        told.append(with_reasons(words, given, language))
        evidence += tuple(each.evidence(told[-1]) for each in given)
    said = phrase("recommend", language, goods=phrase("join", language).join(told))
    return _sentences([part for part in (said, question) if part], language), evidence


def start_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """Goods to begin with, where the shopper has said little; nobody claims that they are what is wanted."""
    beside = finding.note.get("nearest") == phrase("beside", language)  # what was said so far is no name of a thing
    if not finding.products or ("nearest" in finding.note and not beside):
        return _finding_reply(finding, language, "")
    goods, evidence = _named(finding.products, language)
    return phrase("start", language, goods=phrase("join", language).join(goods)), evidence


def goods_reply(products: Sequence[Product], language: str) -> tuple[str, tuple[Evidence, ...]]:
    """The first few products by name, price, stock and rating."""
    goods, evidence = _named(products, language)
    name = "found_one" if len(products) == 1 else "found"
    return phrase(name, language, count=len(products), goods=phrase("join", language).join(goods)), evidence


def _named(products: Sequence[Product], language: str) -> tuple[list[str], tuple[Evidence, ...]]:
    goods: list[str] = []
    evidence: list[Evidence] = []
    for product in products[:NAMED]:
        claim = _product_words(product, language)
        goods.append(claim)
        shown = {"price_range.min", "price_range.max", "availability", "rating"}
        evidence.extend(f.evidence(claim) for f in product_facts(product) if f.type == "product" and f.field in shown)
    return goods, tuple(evidence)


def _product_words(product: Product, language: str) -> str:
    words = phrase(
        "one",
        language,
        title=short_title(product.title),
        price=price_text(product, language),
        stock=stock_text(product.availability.available, language),
    )
    if product.rating is not None:
        words += phrase("rated", language, value=product.rating.value, count=product.rating.count)
    return words


def _line_about(text: str, fact: Fact) -> str:
    """The line of ``text`` that states ``fact``, or all of it."""
    lead = short_title(fact.about).casefold()
    return next((line for line in text.splitlines() if lead in line.casefold()), text)
