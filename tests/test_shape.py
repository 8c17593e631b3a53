from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pytest

from audioguide.shape import built, plain


class Small(NamedTuple):
    number: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Other:
    text: str


@dataclass(frozen=True, slots=True)
class Large:
    one: Small | Other
    maybe: Small | None = None
    half: float | Literal["half"] | None = None
    many: tuple[Other, ...] = ()
    pair: tuple[float, float] = (0.0, 0.0)
    by_name: dict[str, Small] = field(default_factory=dict)
    anything: Any = None


@pytest.mark.parametrize(
    "value",
    [
        Large(Other("a")),
        Large(
            Small(1, ("b", "c")), Small(2.5), "half", (Other("d"), Other("e")), (1.0, 2.0), {"f": Small(3)}, [{"=": 4}]
        ),
        Large(Small(0.1 + 0.2), None, -0.5),
    ],
)
def test_what_is_built_from_plain_data_is_equal(value):
    assert built(Large, plain(value)) == value
    assert repr(built(Large, plain(value))) == repr(value)
