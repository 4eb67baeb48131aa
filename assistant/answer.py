"""The reply as it grows: sentences of the model that passed the check, or plain words made from the records."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import SIGN_IN
from assistant.events import Evidence, Withheld
from assistant.evidence import Fact, Finding, Ledger, price_text, product_facts, short_title, stock_text
from assistant.grounding import check, split_sentences
from retriever.product import Product

NAMED = 3  # products that the plain reply names; the cards show the rest

PHRASES = {
    "en": {
        "found": "I found {count} that match: {goods}.",
        "found_one": "I found one: {goods}.",
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
        "relaxed": "Without {condition} there would be {count}.",
        "price_max": "the highest price",
        "price_min": "the lowest price",
        "category": "the category",
        "brand": "the brand",
        "exclude": "the words to avoid",
        "in_stock": "asking for stock",
        "attribute": "the {attribute}",
    },
    "zh": {
        "found": "为您找到 {count} 款：{goods}。",
        "found_one": "为您找到一款：{goods}。",
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
        "relaxed": "去掉{condition}有 {count} 个。",
        "price_max": "最高价",
        "price_min": "最低价",
        "category": "类别",
        "brand": "品牌",
        "exclude": "排除词",
        "in_stock": "有货要求",
        "attribute": "{attribute}",
    },
}


def phrase(name: str, language: str, **values: object) -> str:
    """One of the shop's set phrases in the shopper's language."""
    return PHRASES.get(language, PHRASES["en"])[name].format(**values)


class Answer:
    """Collects a reply. Text goes in as the model writes it; only whole, proved sentences come out."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.text = ""
        self.evidence: list[Evidence] = []
        self.withheld: list[Withheld] = []
        self.cut_off = False  # the model reached its bound: its last sentence is a stump
        self._rest = ""

    def write(self, piece: str) -> str:
        """Take a further piece of the model's text; returns what may be shown of it now."""
        sentences, self._rest = split_sentences(self._rest + piece)
        return "".join(self._judge(sentence) for sentence in sentences)

    def end(self) -> str:
        """Judge the unfinished last sentence."""
        last, self._rest = self._rest, ""
        return self._judge(last) if last.strip() and not self.cut_off else ""

    def state(self, sentence: str, evidence: Sequence[Evidence] = ()) -> str:
        """Add a sentence that was made from the records and needs no check."""
        piece = f"{' ' if self.text and not self.text.endswith((' ', chr(10))) else ''}{sentence}"
        self.text += piece
        self.evidence.extend(evidence)
        return piece

    def _judge(self, sentence: str) -> str:
        if not sentence.strip():
            piece = sentence if self.text else ""
        else:
            verdict = check(sentence, self.ledger)
            if not verdict.ok:
                self.withheld.append(Withheld(text=sentence.strip(), why=verdict.why))
                return ""
            self.evidence.extend(verdict.evidence)
            piece = sentence if self.text else sentence.lstrip()
        self.text += piece
        return piece


def plain_reply(findings: Sequence[Finding], refused: str, language: str) -> tuple[str, tuple[Evidence, ...]]:
    """What the tools found, or why the last of them was ``refused``, in plain words with the proof of each claim."""
    if refused:
        return phrase("sign_in", language) if refused == SIGN_IN else phrase("refused", language, why=refused), ()
    if findings:
        return _finding_reply(findings[-1], language)
    return phrase("nothing", language), ()


def _finding_reply(finding: Finding, language: str) -> tuple[str, tuple[Evidence, ...]]:
    if "handoff_id" in finding.note:
        return phrase("handoff", language), ()
    if finding.products:
        return goods_reply(finding.products, language)
    if "relaxed" in finding.note:
        return nothing_reply(finding.note["query"], finding.note["relaxed"], language), ()
    text = finding.text
    return text, tuple(fact.evidence(_line_about(text, fact)) for fact in finding.facts)


def nothing_reply(query: str, relaxed: Sequence[str], language: str) -> str:
    """That a search found nothing, and which condition stands in the way (``price_max: 12 results without it``)."""
    words = [phrase("nothing_found", language, query=query)]
    for sentence in relaxed:
        names, _, rest = sentence.partition(": ")
        conditions = phrase("join", language).join(_condition(name, language) for name in names.split(", "))
        count = rest.split(" ")[0] + ("+" if "or more" in rest else "")
        words.append(phrase("relaxed", language, condition=conditions, count=count))
    return " ".join(words)


def _condition(name: str, language: str) -> str:
    if name.startswith("attributes."):
        return phrase("attribute", language, attribute=name.removeprefix("attributes."))
    return phrase(name, language)


def goods_reply(products: Sequence[Product], language: str) -> tuple[str, tuple[Evidence, ...]]:
    """The first few products by name, price, stock and rating."""
    goods: list[str] = []
    evidence: list[Evidence] = []
    for product in products[:NAMED]:
        claim = _product_words(product, language)
        goods.append(claim)
        shown = {"price_range.min", "price_range.max", "availability", "rating"}
        evidence.extend(f.evidence(claim) for f in product_facts(product) if f.type == "product" and f.field in shown)
    name = "found_one" if len(products) == 1 else "found"
    joined = phrase("join", language).join(goods)
    return phrase(name, language, count=len(products), goods=joined), tuple(evidence)


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
