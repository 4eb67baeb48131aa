"""Plain words made from the records: what is said where the model says nothing that can be proved."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.errors import SIGN_IN
from assistant.events import Evidence
from assistant.evidence import Fact, Finding, money_of, price_text, product_facts, short_title, stock_text
from assistant.grounding.words import clerk_words, lexicon, spoken, stems
from retriever.product import Product
from retriever.text import fold, holds_han

NAMED = 3  # products that the plain reply names; the cards show the rest

PHRASES = {
    "en": {
        "found": "I found {count} that match: {goods}.",
        "found_one": "I found one: {goods}.",
        "start": "Here are some to start with: {goods}.",
        "one": "{title}, {price}, {stock}",
        "rated": ", rated {value:.1f} of 5 by {count}",
        "refused": "That could not be done: {why}",
        "sign_in": "Please sign in first, then I can look at your orders.",
        "limited": "The assistant is limited for the moment, so I searched the shop for your words.",
        "limited_nothing": "The assistant is limited for the moment, and a plain search for your words found nothing. "
        "Please try a product's name.",
        "handoff": "I have asked a person of the shop to take over. Your request was recorded.",
        "nothing": "I did not understand that well enough to answer from the shop's records. "
        "Tell me what you are looking for, or ask about delivery, returns or your cart.",
        "join": "; ",
        "nothing_found": "I found nothing for “{query}” that fits.",
        "lead": "{without}:",
        "nearest": " {goods}.",
        "relaxed": "{without} there would be {count}.",
        "without": "Without {conditions}",
        "and": " and ",
        "price_max": "the highest price",
        "price_min": "the lowest price",
        "category": "the category",
        "brand": "the brand",
        "exclude": "the words to avoid",
        "in_stock": "asking for stock",
        "attribute": "the {attribute}",
        "feature": "one of the features",
        "price_of": "{title} costs {price}.",
        "price_unknown_of": "The price of {title} is unknown.",
        "stock_of": "{title} is {stock}.",
        "rating_of": "{title} is rated {value:.1f} of 5 by {count}.",
        "attribute_of": "{attribute} of {title}: {value}.",
        "options_of": "{title} comes in {values}.",
        "cheapest": "{title} has the lowest price: {price}.",
        "side_by_side": "{goods}.",
        "order": "Order {id} is {status}.",
        "order_placed": "It was placed on {day}.",
        "order_total": "The total is {total}.",
        "order_tracking": "Tracking number: {number}.",
        "list": ", ",
    },
    "zh": {
        "found": "为您找到 {count} 款：{goods}。",
        "found_one": "为您找到一款：{goods}。",
        "start": "先看看这几款：{goods}。",
        "one": "{title}，{price}，{stock}",
        "rated": "，{count} 人评分 {value:.1f}",
        "refused": "未能完成：{why}",
        "sign_in": "请先登录，然后我就能查看您的订单。",
        "limited": "智能助手暂时受限，已直接用您的话在店里搜索。",
        "limited_nothing": "智能助手暂时受限，直接搜索没有找到结果。请换一个商品名试试。",
        "handoff": "已为您转接人工客服，您的请求已记录。",
        "nothing": "我没能从店内记录中找到答案。请告诉我您想找什么商品，或询问配送、退换货、购物车。",
        "join": "；",
        "nothing_found": "没有找到符合“{query}”的商品。",
        "lead": "{without}：",
        "nearest": "{goods}。",
        "relaxed": "{without}有 {count} 个。",
        "without": "去掉{conditions}",
        "and": "和",
        "price_max": "最高价",
        "price_min": "最低价",
        "category": "类别",
        "brand": "品牌",
        "exclude": "排除词",
        "in_stock": "有货要求",
        "attribute": "{attribute}",
        "feature": "某项特征",
        "price_of": "{title} 售价 {price}。",
        "price_unknown_of": "{title} 价格未知。",
        "stock_of": "{title} {stock}。",
        "rating_of": "{title} 由 {count} 人评分 {value:.1f}。",
        "attribute_of": "{title} 的{attribute}：{value}。",
        "options_of": "{title} 有{values}可选。",
        "cheapest": "{title} 价格最低：{price}。",
        "side_by_side": "{goods}。",
        "order": "订单 {id} {status}。",
        "order_placed": "下单日期：{day}。",
        "order_total": "合计 {total}。",
        "order_tracking": "快递单号：{number}。",
        "list": "、",
    },
}


ASKED = {
    "price": r"(?<![a-z])(?:price|prices|cost|costs|how much|expensive)(?![a-z])|多少钱|价格|价钱|售价|贵",
    "availability": r"(?<![a-z])(?:stock|available|availability|sold out)(?![a-z])|有货|库存|现货|缺货|还有吗",
    "rating": r"(?<![a-z])(?:rated|rating|ratings|reviews?|good)(?![a-z])|评分|评价|口碑|好评",
}
_RULE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def phrase(name: str, language: str, **values: object) -> str:
    """One of the shop's set phrases in the shopper's language."""
    return PHRASES.get(language, PHRASES["en"])[name].format(**values)


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
        return phrase("sign_in", language) if refused == SIGN_IN else phrase("refused", language, why=refused), ()
    if findings:
        return _finding_reply(findings[-1], language, asked)
    return phrase("nothing", language), ()


def _finding_reply(finding: Finding, language: str, asked: str) -> tuple[str, tuple[Evidence, ...]]:
    if "handoff_id" in finding.note:
        return phrase("handoff", language), ()
    if "relaxed" in finding.note:
        return nothing_reply(finding, language)
    if finding.products:
        return _goods_asked(finding, language, asked) or goods_reply(finding.products, language)
    if "order_id" in finding.note:
        return _order_reply(finding, language)
    if rule := _rule(finding, asked or str(finding.note.get("query", ""))):
        return rule
    text = finding.text
    return text, tuple(fact.evidence(_line_about(text, fact)) for fact in finding.facts)


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


def _status(status: str, language: str) -> str:
    """A state of an order in words of the language."""
    names = lexicon()["orders"].get(status.replace("_", " "), [status])
    return next((name for name in names if holds_han(name) == (language == "zh")), status)


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


def nothing_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """That a search found nothing that fits, what comes nearest, and which conditions stand in the way."""
    words = [nothing_found(finding, language)]
    evidence: tuple[Evidence, ...] = ()
    if finding.products:
        goods, evidence = _named(finding.products, language)
        words[0] += phrase("nearest", language, goods=phrase("join", language).join(goods))
    for sentence in finding.note["relaxed"]:
        names, _, rest = sentence.partition(": ")
        without = without_words(names.split(", "), finding.products, language)
        count = rest.split(" ")[0] + ("+" if "or more" in rest else "")
        words.append(phrase("relaxed", language, without=without, count=count))
    return _sentences(words, language), evidence


def nothing_found(finding: Finding, language: str) -> str:
    """That nothing fits; with what comes nearest it ends in the condition that those goods do not meet."""
    said = phrase("nothing_found", language, query=finding.note["query"])
    if "nearest" not in finding.note:
        return said
    return _sentences([said, phrase("lead", language, without=finding.note["nearest"])], language)


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
    return (
        phrase("attribute", language, attribute=attribute) if fold(attribute) in held else phrase("feature", language)
    )


def cards_reply(findings: Sequence[Finding], language: str) -> tuple[str, tuple[Evidence, ...]]:
    """The goods that the shopper sees as cards, by name; what only comes nearest is said to."""
    latest = next(finding for finding in reversed(findings) if finding.products)
    return nothing_reply(latest, language) if "nearest" in latest.note else goods_reply(latest.products, language)


def start_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """Goods to begin with, where the shopper has said little; nobody claims that they are what is wanted."""
    if "nearest" in finding.note or not finding.products:
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
