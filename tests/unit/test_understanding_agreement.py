"""A product agrees with a query, contradicts it, or says nothing; each with its words."""

from __future__ import annotations

import pytest

from retriever.product import Availability, PriceRange, Product, Variant
from retriever.understanding.agreement import Agreement, Agreements, Question
from retriever.understanding.audience import compare, read_audience
from retriever.understanding.measures import read_measures
from retriever.understanding.names import Slot

IN_STOCK = Availability(available=True, status="in_stock")


def goods(
    title: str,
    brand: str = "",
    categories: tuple[str, ...] = (),
    description: str = "",
    options: tuple[dict[str, str], ...] = (),
    **attributes: str,
) -> Product:
    variants = tuple(
        Variant(id=f"v{number}", title="", price=None, options=held, availability=IN_STOCK)
        for number, held in enumerate(options)
    )
    return Product(
        id=title, title=title, brand=brand, categories=categories, description=description, attributes=attributes,
        price_range=PriceRange(), availability=IN_STOCK, variants=variants,
    )  # fmt: skip


def of(product: Product, *slots: Slot, sizes: str = "", whom: str = "") -> Agreement:
    return Agreements().of(Question(slots, read_measures(sizes), read_audience(whom)), product)


UGG = Slot("brand", "UGG Australia", "ugg", 0.95)
SLIPPERS = Slot("category", "Slippers", "slippers", 0.8)
NAVY = Slot("colour", "blue", "navy", 0.9)


@pytest.mark.parametrize(
    ("product", "sign"),
    [
        (goods("Dakota", "UGG"), 1),
        (goods("Dakota", "UGG Australia"), 1),
        (goods("Dakota", "Minnetonka"), -1),
        (goods("Cleaner for UGG boots", "Minnetonka"), 0),
        (goods("UGG Dakota"), 1),
        (goods("Dakota"), 0),
    ],
)
def test_brands(product: Product, sign: int) -> None:
    assert of(product, UGG).brand == sign


def test_a_doubtful_brand_contradicts_nothing() -> None:
    assert of(goods("Feeder", "Perky"), Slot("brand", "Muse Garden", "muse", 0.6)).brand == 0


def test_categories() -> None:
    assert of(goods("Cosy", categories=("Shoes", "House Slippers")), SLIPPERS).category == 1
    assert of(goods("Cosy", categories=("Boots",)), SLIPPERS).category == -1
    assert of(goods("Cosy slipper", categories=("Boots",)), SLIPPERS).category == 0
    assert of(goods("Cosy"), SLIPPERS).category == 0
    assert of(goods("鞋", categories=("居家拖鞋",)), Slot("category", "拖鞋", "拖鞋", 0.9)).category == 1


def test_colours_agree_by_family_and_by_any_option() -> None:
    assert of(goods("Dress", color="Royal Blue"), NAVY).colour == 1
    assert of(goods("Dress", options=({"Color": "Red"}, {"Color": "Navy"})), NAVY).colour == 1
    assert of(goods("Dress", color="Red"), NAVY).colour == -1
    assert of(goods("Dress", color="Multicolor"), NAVY).colour == 0
    assert of(goods("Navy dress"), NAVY).colour == 1
    assert of(goods("Dress"), NAVY).colour == 0


def test_materials_and_other_attributes() -> None:
    oak, matt = Slot("material", "oak", "oak", 0.8), Slot("attribute", "matt", "matt", 0.8, "finish")
    assert of(goods("Shelf", material="Solid oak"), oak).material == 1
    assert of(goods("Shelf", material="Pine"), oak).material == -1
    assert of(goods("Oak shelf"), oak).material == 1
    assert of(goods("Pan", finish="Matt"), matt).attribute == 1
    assert of(goods("Pan", finish="Gloss"), matt).attribute == -1
    assert of(goods("Pan"), matt).attribute == 0


@pytest.mark.parametrize(
    ("asked", "product", "sign"),
    [
        ("1/2 inch", goods("Binder, 0.5 in"), 1),
        ("1/2 inch", goods('Binder 3/4"'), -1),
        ("1/2 inch", goods("Binder", options=({"size": "1 inch"}, {"size": "1/2 inch"})), 1),
        ("1/2 inch", goods("Binder"), 0),
        ("1/2 inch", goods("Binder", description="Rings of 1/2 inch."), 1),
        ("1/2 inch", goods("Binder", description="Rings of 3/4 inch."), 0),
        ("32oz", goods("Bottle 32 fl oz"), 1),
        ("32oz", goods("Oats 907 g"), 1),
        ("5m", goods("LED strip, 16.4ft"), 1),
        ("queen bed", goods("Bed frame, Queen"), 1),
        ("queen bed", goods("Bed frame, King"), -1),
        ("30x40 cm", goods("Poster 30 x 60 cm"), 0),
        ("12-pack", goods("Pack of 12"), 1),
    ],
)
def test_sizes(asked: str, product: Product, sign: int) -> None:
    assert of(product, sizes=asked).measure == sign


@pytest.mark.parametrize(
    ("asked", "title", "sign"),
    [
        ("airpods 2", "AirPods 2 with case", 1),
        ("airpods 2", "AirPods 3 with case", -1),
        ("airpods 2", "Case for AirPods", 0),
        ("1/2 coupling", "PVC Coupling 1/2 in.", 1),
        ("1/2 coupling", "PVC Coupling 3/4 in.", -1),
        ("airpods 2", "Tripod 4", 0),
    ],
)
def test_bare_numbers(asked: str, title: str, sign: int) -> None:
    assert of(goods(title), sizes=asked).number == sign


@pytest.mark.parametrize(
    ("asked", "held", "sign"),
    [
        ("shoes for women", "Women's shoes", 1), ("womens", "Men's boot", -1), ("mens", "men and women", 1),
        ("women", "unisex", 1), ("boys", "mens", -1), ("baby boy", "boys", 1), ("baby boy", "girls", -1),
        ("toddler", "kids", 1), ("adults", "toddler", -1), ("adults", "kids", -1), ("dog bowl", "pet bowl", 1),
        ("dog bowl", "cat bowl", -1), ("toddler bottle", "dog bottle", -1), ("women", "dog mom shirt women", 1),
        ("hombre", "男士", 1), ("女童", "女士", -1), ("狗", "dog", 1), ("cat 6 cable", "women", 0),
        ("women", "kettle", 0),
    ],
)  # fmt: skip
def test_audiences(asked: str, held: str, sign: int) -> None:
    assert compare(read_audience(asked), read_audience(held)) == sign


def test_the_title_says_whom_it_is_for_before_the_category_does() -> None:
    assert of(goods("Slippers for women", categories=("Men",)), whom="women").audience == 1
    assert of(goods("Slippers", categories=("Men",)), whom="women").audience == -1
    assert of(goods("Slippers", description="Good for men."), whom="women").audience == 0
    assert of(goods("Slippers", description="Good for women."), whom="women").audience == 1


def test_every_sign_has_its_words() -> None:
    product = goods("Slipper 1/2 inch sole", "UGG", ("Slippers",), color="Red")
    agreed = of(product, UGG, SLIPPERS, NAVY, sizes="1/2 inch", whom="women")
    assert agreed.reasons == ("brand UGG Australia", "Slippers", "1/2 inch")
    assert agreed.against == ("navy",)
    assert of(product) == Agreement()


def test_a_product_that_changed_is_read_anew_and_few_are_remembered() -> None:
    agreements = Agreements(kept=2)
    for color in ("Navy", "Red"):
        changed = goods("Dress", color=color)
        assert agreements.of(Question([NAVY]), changed).colour == (1 if color == "Navy" else -1)
    for title in ("A", "B", "C", "A"):
        assert agreements.of(Question([NAVY]), goods(title)).colour == 0
