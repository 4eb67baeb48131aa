"""The goods and reviews that a file's schema.org nodes describe, as rows.

Which nodes are one product: those of one group, one ``@id`` or one product id. What is a
form's option and what an attribute of the product: see ``_options``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from retriever.feeds.feed import Item, printable, row_of
from retriever.feeds.jsonld import VOCABULARY, Graph, Node, types_of
from retriever.feeds.rows import Rejected
from retriever.feeds.schemaorg_values import (
    IDENTIFIERS,
    Offered,
    UnreadableValueError,
    addresses,
    first_text,
    in_languages,
    language_of,
    moment,
    offered,
    offers_of,
    properties,
    rating_of,
    stars,
    text_of,
)

PRODUCTS = {"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts", "Vehicle", "Car"}
NOT_FOR_SALE_HERE = ("isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor", "itemReviewed")
STUB = {"@type", "@id", "@context", "url"}  # a form that says no more is described elsewhere
RELATIONS = {"isRelatedTo": "goes_with", "isAccessoryOrSparePartFor": "fits"}
MOST_IMAGES = 100
NO_ID = "it has no sku, productID, productGroupID, gtin, mpn, @id or url to be known by"


@dataclass
class Unit:
    """One product: its node, the nodes of its forms, offers that name it, and reviews of it from elsewhere."""

    node: Node
    line: int
    place: int
    forms: list[Node] = field(default_factory=list)
    offers: list[Node] = field(default_factory=list)
    reviews: list[Node] = field(default_factory=list)


def items_of(graph: Graph) -> Iterator[Item]:
    """The rows of a file: each product, followed by its reviews."""
    reviewed: set[str] = set()
    for unit in _Finder(graph).units():
        id = product_id(graph, unit.node) or next((id for form in unit.forms if (id := product_id(graph, form))), "")
        yield _product(graph, unit, id)
        if not id:
            continue
        for node in _reviews(graph, unit):
            fields = _review(graph, node, id)
            if fields["id"] not in reviewed:
                reviewed.add(fields["id"])
                yield row_of(unit.line, fields)


def product_id(graph: Graph, node: Node) -> str:
    """What a product is known by in its shop; empty where it names nothing of the kind."""
    names = ("productGroupID", "sku", "productID", "gtin", "gtin13", "gtin14", "gtin12", "gtin8", "mpn")
    for name in names:
        if given := first_text(graph, node.get(name)):
            return given
    id = first_text(graph, node.get("@id"))
    if id and not id.startswith(("#", "_:")):  # those are names within one file
        return id
    return next(iter(addresses(graph, node.get("url"))), "")


class _Finder:
    """Finds what is for sale in a graph, wherever it hangs: a list, a page, an offer, a catalogue."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._units: dict[str, Unit] = {}
        self._forms: set[int] = set()  # nodes that are forms of a group
        self._offers: dict[int, list[Node]] = {}
        self._reviews: dict[int, list[Node]] = {}

    def units(self) -> list[Unit]:
        """Every product once, in the file's order."""
        found = list(self._found())
        for place, (line, node) in enumerate(found):
            if "hasVariant" in node:  # first, so that its forms are not taken for products
                forms = [form for form in self._graph.nodes(node["hasVariant"]) if "hasVariant" not in form]
                self._take(Unit({}, line, place), node, forms)
        for place, (line, node) in enumerate(found):
            if id(node) not in self._forms and "hasVariant" not in node:
                self._single(Unit({}, line, place), node)
        return sorted(self._units.values(), key=lambda unit: unit.place)

    def _single(self, new: Unit, node: Node) -> None:
        parent = next(iter(self._graph.nodes(node.get("isVariantOf"))), None)
        group = first_text(self._graph, node.get("inProductGroupWithID"))
        if group:
            parent = {"productGroupID": group} | (parent or {})
        if parent is None or parent is node or "ProductGroup" in types_of(node):
            self._take(new, node, [])
        else:
            self._take(new, parent, [node])

    def _take(self, new: Unit, node: Node, forms: list[Node]) -> None:
        key = product_id(self._graph, node) or f"\0{id(node)}"
        unit = self._units.setdefault(key, new)
        unit.node.update({name: value for name, value in node.items() if name not in unit.node})
        unit.offers += self._offers.get(id(node), [])
        unit.reviews += self._reviews.get(id(node), [])
        for form in forms:
            if id(form) not in self._forms and not form.keys() <= STUB:
                self._forms.add(id(form))
                unit.forms.append(form)

    def _found(self) -> Iterator[tuple[int, Node]]:
        seen: set[int] = set()
        for line, root in self._graph.roots:
            waiting = [root]
            while waiting:
                item = self._graph.resolve(waiting.pop())
                if isinstance(item, list):
                    waiting += reversed(cast("list[Any]", item))
                elif isinstance(item, dict) and id(cast("Node", item)) not in seen:
                    node = cast("Node", item)
                    seen.add(id(node))
                    if types_of(node) & PRODUCTS:
                        yield line, node
                    else:
                        self._note(node)
                        below = [value for name, value in node.items() if name not in NOT_FOR_SALE_HERE]
                        waiting += reversed(below)

    def _note(self, node: Node) -> None:
        """An offer or review that stands for itself belongs to the product it names."""
        kinds = types_of(node)
        if kinds & {"Offer", "AggregateOffer"}:
            for product in self._graph.nodes(node.get("itemOffered")):
                self._offers.setdefault(id(product), []).append(node)
        elif "Review" in kinds:
            for product in self._graph.nodes(node.get("itemReviewed")):
                self._reviews.setdefault(id(product), []).append(node)


def _product(graph: Graph, unit: Unit, id: str) -> Item:
    if not id:
        title = printable(first_text(graph, unit.node.get("name")))[:80]
        return Rejected(line=unit.line, id="", reason=f"{title}: {NO_ID}" if title else NO_ID)
    try:
        return row_of(unit.line, {"id": id, **_fields(graph, unit, id)})
    except UnreadableValueError as error:
        return Rejected(line=unit.line, id=printable(id), reason=str(error))


def _fields(graph: Graph, unit: Unit, id: str) -> dict[str, Any]:
    """A product's fields; what the group does not say is what the first form that says it does."""
    node, forms = unit.node, unit.forms
    told = [node, *forms]
    title, titles = _words(graph, told, "name")
    description, descriptions = _words(graph, told, "description")
    attributes = properties(graph, node)
    sold = _forms(graph, unit, title, attributes)
    fields: dict[str, Any] = {
        "title": title,
        "description": description,
        "url": next((url for one in told for name in ("url",) for url in addresses(graph, one.get(name))), ""),
        "images": list(dict.fromkeys(url for one in told for url in addresses(graph, one.get("image"))))[:MOST_IMAGES],
        "brand": next((name for one in told if (name := first_text(graph, one.get("brand")))), ""),
        "categories": next((names for one in told if (names := _categories(graph, one))), []),
        "rating": next((rating for one in told if (rating := rating_of(graph, one))), None),
        "published_at": moment(graph, node.get("releaseDate")),
        "texts": _texts(titles, descriptions),
        "related": _related(graph, node),
    }
    if sold:
        fields |= {"currency": _currency([offer for _, offer in sold])}
        fields["variants"] = [form | offer.fields() for form, offer in sold]
    else:
        offer = offered(graph, offers_of(graph, _offers(graph, unit)))
        fields |= {"currency": offer.currency, **offer.fields()}
    if id not in (sku := first_text(graph, node.get("sku")), attributes.get("gtin"), "") and sku:
        attributes["sku"] = sku
    return fields | {"attributes": attributes}


def _forms(graph: Graph, unit: Unit, title: str, attributes: dict[str, str]) -> list[tuple[dict[str, Any], Offered]]:
    """The forms of a product with their offers; ``attributes`` gains what they have in common."""
    pairs = [(form, graph.nodes(form.get("offers"))) for form in unit.forms] or _forms_by_offer(graph, unit)
    named = [properties(graph, form) for form, _ in pairs]
    varies = [VOCABULARY.sub("", first_text(graph, item)) for item in graph.items(unit.node.get("variesBy"))]
    options = _options(named, varies, attributes)
    sold: list[tuple[dict[str, Any], Offered]] = []
    for (form, offers), choice in zip(pairs, options, strict=True):
        id = product_id(graph, form)
        if not id:
            raise UnreadableValueError(f"a variant cannot be told from the others: {NO_ID}")
        name = first_text(graph, form.get("name"))
        fields = {"id": id, "title": name.removeprefix(f"{title} - "), "options": choice}
        sold.append((fields, offered(graph, offers_of(graph, offers))))
    return sold


def _forms_by_offer(graph: Graph, unit: Unit) -> list[tuple[Node, list[Node]]]:
    """Offers with a sku each, all different, are forms of the product; others are offers of one form."""
    offers = offers_of(graph, _offers(graph, unit))
    skus = {first_text(graph, offer.get("sku")) for offer in offers}
    if len(offers) < 2 or len(skus) < len(offers) or "" in skus:
        return []
    pairs: list[tuple[Node, list[Node]]] = []
    for offer in offers:
        item = next(iter(graph.nodes(offer.get("itemOffered"))), {})
        pairs.append(({**item, "sku": offer["sku"], "name": offer.get("name", item.get("name"))}, [offer]))
    return pairs


def _options(named: list[dict[str, str]], varies: list[str], attributes: dict[str, str]) -> list[dict[str, str]]:
    """Each form's options: what the group varies by, or what differs between its forms.

    What all forms have in common is an attribute of the product. So are numbers like the
    GTIN, which tell forms apart but are nobody's choice.
    """
    options: list[dict[str, str]] = [{} for _ in named]
    for name in dict.fromkeys(name for form in named for name in form):
        values = [form.get(name, "") for form in named]
        if name in varies or (len(set(values)) > 1 and name not in IDENTIFIERS):
            for option, value in zip(options, values, strict=True):
                if value:
                    option[name] = value
        else:
            attributes.setdefault(name, ", ".join(dict.fromkeys(value for value in values if value)))
    return options


def _offers(graph: Graph, unit: Unit) -> list[Node]:
    return graph.nodes(unit.node.get("offers")) + unit.offers


def _currency(offers: list[Offered]) -> str | None:
    found = list(dict.fromkeys(offer.currency for offer in offers if offer.price is not None and offer.currency))
    if len(found) > 1:
        raise UnreadableValueError(f"currency: its forms have prices in {' and '.join(found[:3])}; a product has one")
    return found[0] if found else None


def _words(graph: Graph, nodes: list[Node], name: str) -> tuple[str, dict[str, str]]:
    """The words of the first node that has some; in its own language too, where the node names one."""
    for node in nodes:
        text, others = in_languages(graph, node.get(name))
        if text:
            language = language_of(graph, node.get("inLanguage"))
            return text, ({language: text} if language else {}) | others
    return "", {}


def _texts(titles: dict[str, str], descriptions: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        language: {"title": titles.get(language, ""), "description": descriptions.get(language, "")}
        for language in dict.fromkeys([*titles, *descriptions])
    }


def _categories(graph: Graph, node: Node) -> list[str]:
    """A path like ``Home > Lamps`` is its steps; an address of a taxonomy is nobody's category."""
    paths = [text_of(graph, item) for item in graph.items(node.get("category"))]
    steps = [step.strip() for path in paths if "://" not in path for step in path.split(">")]
    return list(dict.fromkeys(step for step in steps if step))


def _related(graph: Graph, node: Node) -> dict[str, list[str]]:
    found = {
        relation: [id for other in graph.nodes(node.get(name)) if (id := product_id(graph, other))]
        for name, relation in RELATIONS.items()
    }
    return {relation: ids for relation, ids in found.items() if ids}


def _reviews(graph: Graph, unit: Unit) -> Iterator[Node]:
    for node in (unit.node, *unit.forms):
        for name in ("review", "reviews"):
            yield from graph.nodes(node.get(name))
    yield from unit.reviews


def _review(graph: Graph, node: Node, product: str) -> dict[str, Any]:
    ratings = [rating for rating in graph.nodes(node.get("reviewRating")) if "ratingValue" in rating]
    title, _ = in_languages(graph, node.get("name") or node.get("headline"))
    body, _ = in_languages(graph, node.get("reviewBody") or node.get("description"))
    id = first_text(graph, node.get("identifier")) or first_text(graph, node.get("@id"))
    if not id or id.startswith(("#", "_:")):
        said = json.dumps([product, title, body, first_text(graph, node.get("author")), node.get("datePublished")])
        id = f"{product[:150]}:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
    return {
        "type": "review",
        "id": id,
        "product_id": product,
        "rating": stars(graph, ratings[0]) if ratings else None,
        "title": title,
        "body": body,
        "language": language_of(graph, node.get("inLanguage")),
        "written_at": moment(graph, node.get("datePublished")),
    }
