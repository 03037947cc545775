from linkops.hub.unasked import MOST_ADDRESSES, REMEMBERED_S, Unasked


def test_what_is_remembered_holds_once() -> None:
    unasked = Unasked()
    assert not unasked.take("10.0.0.1", 0)
    unasked.remember("10.0.0.1", 0)
    assert not unasked.take("10.0.0.2", 1)
    assert unasked.take("10.0.0.1", 1)
    assert not unasked.take("10.0.0.1", 1)


def test_and_not_for_long() -> None:
    unasked = Unasked()
    unasked.remember("10.0.0.1", 0)
    assert not unasked.take("10.0.0.1", REMEMBERED_S)


def test_the_oldest_are_forgotten_first() -> None:
    unasked = Unasked()
    for number in range(MOST_ADDRESSES + 1):
        unasked.remember(str(number), 0)
    unasked.remember("1", 1)
    unasked.remember("one more", 1)
    assert [unasked.take(each, 1) for each in ("0", "1", "2", "3")] == [False, True, False, True]
