from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from audioguide.output.labels import GAP, Loss, Room, Wish

EDGE = 400.0


def shorten(words, width):
    return words if len(words) * 5 <= width else words[: int(width // 5)] if width >= 20 else ""


def room(tiers):
    return Room(0.0, EDGE, tiers, lambda words: 5.0 * len(words), shorten)


def wish(anchor, *wordings):
    return Wish(anchor, wordings, needed=True)


def test_names_with_room_stand_side_by_side():
    labels, loss = room(2).place([wish(0, "Cobra"), wish(100, "Bow")])
    assert {(label.words, label.tier) for label in labels} == {("Cobra", 0), ("Bow", 0)}
    assert loss == Loss()


def test_a_name_that_reaches_over_its_neighbour_goes_above():
    labels, loss = room(2).place([wish(0, "Downward dog split"), wish(50, "Bow")])
    assert {(label.words, label.tier) for label in labels} == {("Downward dog split", 1), ("Bow", 0)}
    assert loss == Loss()


def test_without_a_tier_above_it_is_shortened():
    labels, loss = room(1).place([wish(0, "Downward dog split"), wish(50, "Bow")])
    assert {label.words for label in labels} == {"Downward ", "Bow"}
    assert loss == Loss(names=1, details=1)


def test_details_come_after_names():
    labels, loss = room(1).place([wish(0, "Cobra, 20s each side", "Cobra"), wish(60, "Bow, 5s", "Bow")])
    assert {label.words for label in labels} == {"Cobra", "Bow, 5s"}
    assert loss == Loss(details=1)


def test_at_the_right_edge_a_name_hangs_back():
    (label,), _ = room(1).place([wish(390, "Cobra")])
    assert (label.left, label.right) == (375, 400)


ANCHORS = st.lists(st.integers(0, 395), min_size=1, max_size=30, unique=True)


@given(ANCHORS, st.data())
def test_no_name_is_over_another_or_across_its_line(anchors, data):
    names = st.text("abc", min_size=1, max_size=60)
    wishes = [Wish(anchor, (data.draw(names) + ", 20s", "name"), data.draw(st.booleans())) for anchor in anchors]
    tiers = data.draw(st.integers(1, 4))
    labels, loss = room(tiers).place(wishes)
    for label in labels:
        assert 0 <= label.left < label.right <= EDGE
        assert 0 <= label.tier < tiers
    for one, other in combinations(labels, 2):
        if one.tier == other.tier:
            assert one.right + GAP <= other.left or other.right + GAP <= one.left
        upper, lower = sorted((one, other), key=lambda label: -label.tier)
        assert upper.tier == lower.tier or not lower.left < upper.anchor < lower.right
    whole = sum(label.words.startswith("name") or label.words.endswith("20s") for label in labels)
    assert whole + loss.names >= sum(wish.needed for wish in wishes)
