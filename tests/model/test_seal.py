"""What only we can make, and what nobody can make by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.model.seal import CROCKFORD, Seal, check_symbol, find_challenge_codes, find_codes, parse_code

SEAL = Seal(b"a key of thirty-two octets or more")
BODY = st.text(CROCKFORD, min_size=5, max_size=5)


@given(BODY, st.integers(0, 5), st.sampled_from(CROCKFORD))
def test_one_wrong_character_is_never_another_valid_code(body, place, symbol):
    """Damm's scheme over GF(32) finds every single error."""
    code = body + check_symbol(body)
    wrong = code[:place] + symbol + code[place + 1 :]
    assert parse_code(code)
    assert wrong == code or parse_code(wrong) is None


@given(BODY, st.integers(0, 5), st.integers(0, 5))
def test_two_swapped_characters_are_never_another_valid_code(body, one, other):
    """Neighbours or not: the weights of the places are all different."""
    signs = list(body + check_symbol(body))
    signs[one], signs[other] = signs[other], signs[one]
    assert "".join(signs) == body + check_symbol(body) or parse_code("".join(signs)) is None


def test_booking_codes_of_an_event_are_all_different_and_readable():
    """A keyed permutation: no two numbers share a code, and each is read back however it is typed."""
    codes = [SEAL.booking_code("gan", number) for number in range(1, 3000)]
    assert len(set(codes)) == len(codes)
    assert all(parse_code(code.lower().replace("-", " ")) == code for code in codes[:200])
    assert SEAL.booking_code("other", 1) != codes[0]


def test_codes_are_found_in_text_and_words_are_not():
    """`HELLO` and `REGISTER` are no codes; one that is quoted or run on is found once."""
    code = SEAL.booking_code("gan", 7)
    assert find_codes(f"My code is {code}, yes {code.lower()}!") == (code,)
    assert find_codes("hello there, please register") == ()


@given(st.integers(1, 2**40 - 1))
def test_references_are_unique_and_message_ids_are_read_back(letter):
    """An odd factor permutes; a signature that does not hold is nobody's."""
    reference = SEAL.reference(letter)
    ours = SEAL.message_id("registered", reference, "events.example.org")
    assert SEAL.read_message_id(ours, "events.example.org") == ("registered", reference)
    assert SEAL.read_message_id(ours, "other.example.org") is None
    assert Seal(b"another key of thirty-two octets").read_message_id(ours, "events.example.org") is None


@given(st.text(max_size=60))
def test_reading_strangers_ids_never_raises(text):
    """Whatever a mail says is one of ours or nothing."""
    assert SEAL.read_message_id(text, "events.example.org") is None
    assert SEAL.read_token("r", text) is None
    assert SEAL.read_uid(text, "gan", "events.example.org") is None or "-" in text


@pytest.mark.parametrize("broken", ["\ud800", "é", "ß"])
def test_an_id_with_half_a_character_is_nobody_s(broken):
    """A lone surrogate of a broken header cannot be hashed; it is no letter of ours, and no fault either."""
    reference = broken * 8
    assert SEAL.read_token("r", reference + "a" * 26) is None
    assert SEAL.read_token("r", SEAL.token("r", SEAL.reference(5))[:-1] + broken) is None
    assert SEAL.read_message_id(f"registered.{reference}.abc@events.example.org", "events.example.org") is None
    assert SEAL.read_message_id(f"{broken}.{SEAL.reference(5)}.a@events.example.org", "events.example.org") is None


def test_a_token_is_good_for_one_purpose():
    """A return-path token is no reply token; case is ignored, since some servers change it."""
    reference = SEAL.reference(5)
    token = SEAL.token("r", reference)
    assert SEAL.read_token("r", token.upper()) == reference
    assert SEAL.read_token("b", token) is None
    assert len("x" * 25 + "+r." + token) <= 64


def test_a_challenge_code_is_found_in_a_subject():
    """Between other words, in either case."""
    code = SEAL.challenge_code(SEAL.reference(9))
    assert find_challenge_codes(f"Re: YES {code.lower()}") == (code,)
