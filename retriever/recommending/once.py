"""What follows from goods, a crowd or a situation alone is worked out once, and kept for as long as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary, ref

P = ParamSpec("P")
T = TypeVar("T")


class Once(Generic[P, T]):
    """A function of things that do not change and are compared by identity, such as ``Goods`` and ``Crowd``.

    Its result must not hold on to the last of these things, with which it is forgotten, nor be changed by anybody. Safe
    to share between threads: two at once may both work it out.
    """

    def __init__(self, make: Callable[P, T]) -> None:
        self._make = make
        self._held: WeakKeyDictionary[Any, tuple[tuple[ref[Any], ...], T]] = WeakKeyDictionary()
        self.__doc__ = make.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function makes of them, which may have been made before."""
        things = cast("tuple[Any, ...]", args)
        held = self._held.get(things[-1])
        if held is None or any(kept() is not thing for kept, thing in zip(held[0], things[:-1], strict=True)):
            held = tuple(ref(thing) for thing in things[:-1]), self._make(*args, **kwargs)
            self._held[things[-1]] = held
        return held[1]
