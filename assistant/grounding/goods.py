"""Whether the record of one product bears out a piece of a sentence."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.grounding.claims import NAMED, VALUE
from assistant.grounding.offers import Offer, plain
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Clause
from assistant.grounding.values import Value
from assistant.grounding.words import Token, canonical, is_free, is_negation, lexicon, negated, spoken, tokens
from retriever.text import holds_han

_WHOLE = frozenset(
    [
        "color",
        "colour",
        "颜色",
        "size",
        "尺码",
        "鞋码",
        "material",
        "fabric",
        "yarn",
        "材质",
        "面料",
        "style",
        "款式",
        "type",
        "类型",
        "audience",
        "kind",
        "body",
        "title",
        "brand",
        "categories",
        "scent",
        "香味",
        "shape",
    ]
)
_PARTS = "made of|made from|made out of|材质为|材质是|制成|做的"
_OPTION_NAMES = frozenset(canonical(word) for word in ("color", "colour", "颜色", "size", "尺码"))
_BARE = frozenset(canonical(word) for word in ["heavy", "wide", "long", "tall", "high", "thick", "bright"])
_LISTED = re.compile(r"(?:有\s*)?([\u4e00-\u9fff]+?)(?:可选)?")
_COVERED = 0.5  # share of what a clause of prose states that a claim must repeat: one word of it proves nothing


class Hearing(Offer):
    """One piece of a sentence held against one product."""

    def hear(self) -> list[Claim]:
        """The claims of the piece, all of them proved.

        Raises:
            Unproved: if the record says otherwise or nothing.
        """
        self._unknowns()
        self._stock()
        denied = negated(re.sub(f"{NAMED}|{VALUE}", " ", self.rest))
        measures = self._values(denied)
        self._opinions(denied)
        self._words(measures, denied)
        return self.claims

    # attributes

    def _words(self, measures: list[Value], denied: bool) -> None:
        whole = {clause.name for clause in self.thing.clauses if len(clause.name) > 1 and holds_han(clause.name)}
        spoken = [name for name in sorted(whole, key=len, reverse=True) if name in self.rest]
        for name in spoken:  # before the text is cut into words: 壶身为 is 壶身 and 为
            self.rest = self.rest.replace(name, " ")
        self._lists_option(denied)
        held = [token for token in tokens(self.rest) if not is_negation(token.text)]
        names = self._part_names(held) | {name: name for name in spoken if name not in _WHOLE}
        content = [token for token in held if canonical(token.text) not in names and not is_free(token.text)]
        content = [token for token in content if canonical(token.text) not in _OPTION_NAMES]
        if measures and self.sized and self.variants:
            raise Unproved("one of its values names an option, the other measures")
        for value in measures:
            self._measure(value, names, content, denied)
        if not measures and (
            bare := [word for word in names if word in _BARE and not any(c.holds(word) for c in self.thing.clauses)]
        ):
            raise Unproved(f"'{bare[0]}' without a value is an opinion")
        if denied:
            self._denial(content, names)
            return
        self._has(held, names)
        material = re.search(_PARTS, self.rest) is not None
        for token in content:
            self._word(token, content, names, measures, material)

    def _lists_option(self, denied: bool) -> None:
        """Take an option off a list in Chinese, whose words are not told apart: 有大可选 is 有, 大 and 可选."""
        listed = _LISTED.fullmatch(self.rest.strip())
        clause = listed and next(
            (c for c in self.thing.clauses if c.fact.type == "variant" and c.text == listed[1]), None
        )
        if clause and not denied:
            self._cite(clause)
            self.rest = ""

    def _part_names(self, held: list[Token]) -> dict[str, str]:
        """Stems in the piece that are the name of an attribute, with the name."""
        known = {clause.name for clause in self.thing.clauses if clause.name and clause.name not in _WHOLE}
        names: dict[str, str] = {}
        text = self.rest
        for name in known:
            for word in (token.text for token in tokens(name)):
                if any(
                    token.text == word or canonical(token.text) == canonical(word) for token in held
                ) and not is_free(word):
                    names[canonical(word)] = name
        for token in held:
            for name in known if holds_han(token.text) and not is_free(token.text) else ():
                if token.text in name:
                    names[token.text] = name
        for words in lexicon()["measures"].values():
            said = [
                word for word in words if spoken(word, text) or any(canonical(t.text) == canonical(word) for t in held)
            ]
            for name in known & set(words) if said else ():
                names.update({canonical(part): name for word in said for part in word.split()})
            if said and not known & set(words):
                names.update({canonical(word): "" for word in said if not is_free(word)})
        return names

    def _clauses(self, denied: bool) -> list[Clause]:
        """The clauses that say as the piece does; "no magnets" only where the piece says just that."""
        return [c for c in self.thing.clauses if c.negated == denied or (not c.prose and c.text in self.piece.text)]

    def _measure(self, value: Value, names: dict[str, str], content: list[Token], denied: bool) -> None:
        """A measure must stand in a clause of the record with what it measures."""
        if denied:
            raise Unproved("a value that is denied proves nothing")
        for clause in self._clauses(denied):
            if not any(
                held.kind == value.kind and held.unit == value.unit and value.admits(held.low, held.high)
                for held in clause.values
            ):
                continue
            wanted = {name for name in names.values() if name}
            if wanted and clause.name not in wanted and not any(clause.holds(word) for word in names):
                continue
            if not (clause.prose or wanted or all(self._of_kind(token, clause) for token in content)):
                continue
            bare = value.kind == "count"
            if bare and not (names or any(clause.holds(token.text) for token in content)):
                continue
            if clause.prose and content and not any(clause.holds(token.text) for token in content) and not wanted:
                continue
            self.claims.append(Claim("attribute", self.piece.text, clause.fact))
            return
        if not self._so_many_options(value):
            raise Unproved(f"no record of {self.thing.title} holds {plain(value)} as that")

    def _of_kind(self, token: Token, clause: Clause) -> bool:
        """Whether a word says what the product is, so that a value beside it is the whole product's."""
        return clause.holds(token.text) or canonical(token.text) in {canonical(word) for word in self.thing.words}

    def _so_many_options(self, value: Value) -> bool:
        """Whether "two colours" is how many different ones the variants have."""
        for names in (group["names"] for group in lexicon()["closed"].values()):
            facts = [
                f for facts in self.thing.variants.values() for f in facts if f.field.removeprefix("options.") in names
            ]
            said = any(spoken(name, self.piece.text) or spoken(f"{name}s", self.piece.text) for name in names)
            if value.kind == "count" and said and facts and value.admits(Decimal(len({f.value for f in facts}))):
                self.claims.append(Claim("attribute", self.piece.text, facts[0]))
                return True
        return False

    def _word(
        self, token: Token, content: list[Token], names: dict[str, str], measures: list[Value], material: bool
    ) -> None:
        adjective = self._before_name(token)
        for clause in self._clauses(denied=False):
            if not clause.holds(token.text) or self._alone(token, clause):
                continue
            if clause.prose and not self._covers(clause, content, names, measures):
                continue
            part = clause.name if clause.name not in _WHOLE and not clause.prose else ""
            if names and clause.prose and not any(clause.holds(name) for name in names):
                continue
            if names and not adjective and not clause.prose and clause.name not in names.values():
                if clause.fact.field != "categories" and not any(clause.holds(n) for n in names):
                    continue
                if (
                    clause.fact.field in ("title", "categories")
                    and not any(clause.holds(n) for n in names)
                    and self._touches(token, names)
                ):
                    continue
            if not names and part and not self._stands_alone(clause, token, content, material):
                continue
            self._cite(clause)
            return
        raise Unproved(f"no record of {self.thing.title} says: {token.text}")

    def _has(self, held: list[Token], names: dict[str, str]) -> None:
        """Refuse to say that it has a part, or one of it, where the record of the part says otherwise."""
        for token in held:
            named = [
                clause
                for clause in self.thing.clauses
                if clause.name and clause.name == names.get(canonical(token.text))
            ]
            if named and all(
                self._alone(token, clause) or clause not in self._clauses(denied=False) for clause in named
            ):
                raise Unproved(f"the record of {self.thing.title} says of it: {named[0].text}")

    def _alone(self, token: Token, clause: Clause) -> bool:
        """Whether the piece says one of what the clause has several of."""
        one = re.search(rf"(?<![a-z])(?:one|a single)\s+(?:[a-z]+\s+)?{re.escape(token.text)}", self.piece.text)
        return one is not None and any(held.kind == "count" and held.low != 1 for held in clause.values)

    def _stands_alone(self, clause: Clause, token: Token, content: list[Token], material: bool) -> bool:
        """Whether a part's value may be said without the part: "beech" of a handle says nothing of the whole."""
        name = clause.name
        if any(canonical(word.text) in {canonical(part.text) for part in tokens(name)} for word in content):
            return True
        return not (material or name in lexicon()["parts"]["names"]) or token.text in clause.name

    def _touches(self, token: Token, names: dict[str, str]) -> bool:
        """Whether the word stands right beside an attribute's name: "steel handle"."""
        words = tokens(self.rest)
        place = next((at for at, word in enumerate(words) if word.start == token.start), -1)
        near = [words[at].text for at in (place - 1, place + 1) if 0 <= at < len(words)]
        return any(canonical(word) in names for word in near)

    def _before_name(self, token: Token) -> bool:
        """Whether the word is right before the product's name: "the black Larch"."""
        return (
            re.match(rf"[\s的]*{NAMED}", self.piece.text[self.piece.text.find(token.text) + len(token.text) :])
            is not None
        )

    def _covers(self, clause: Clause, content: list[Token], names: dict[str, str], measures: list[Value]) -> bool:
        """Whether the piece says most of what the clause of prose says: a single word of it proves nothing."""
        if not clause.content:
            return False
        said = {canonical(token.text) for token in content} | set(names)
        covered = [
            word
            for word in clause.content
            if word in said or any(word in token.text or token.text in word for token in content)
        ]
        return len(covered) + len(measures) >= _COVERED * len(clause.content)

    def _denial(self, content: list[Token], names: dict[str, str]) -> None:
        words = [token.text for token in content] + list(names)
        if not words:
            if self.claims:
                return
            raise Unproved("it denies, which no record does")
        for clause in self.thing.clauses:
            if clause.prose and not self._covers(clause, content, names, []):
                continue
            if (clause.negated or clause.text in ("no", "无", "without")) and all(clause.holds(word) for word in words):
                self._cite(clause)
                return
        if not all(self._missing_option(token.text) for token in content) or not content:
            raise Unproved(f"no record of {self.thing.title} denies: {', '.join(words)}")

    def _missing_option(self, word: str) -> bool:
        """Whether the word is a colour or size, and the variants, which are all on record, have others."""
        for key in ("colours", "sizes"):
            group = lexicon()["closed"][key]
            held = [
                f
                for facts in self.thing.variants.values()
                for f in facts
                if f.field.removeprefix("options.") in group["names"]
            ]
            if word in group["values"] and held and not any(word in str(f.value).casefold() for f in held):
                self.claims.append(Claim("attribute", self.piece.text, held[0]))
                return True
        return False
