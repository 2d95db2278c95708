"""The tables are loaded once, and say one thing about each phrase."""

from mailflow.reading.words import LANGUAGES, _file, fold, fold_words, lexicon, programs, spellings, split_words

COMMANDS = {"register", "cancel", "yes", "no", "status", "resend", "waitlist", "change", "undo", "ask", "data", "erase",
            "stop", "help"}  # fmt: skip


def test_every_language_has_every_table():
    """A language that forgets a command is not finished."""
    tables = [_file(language) for language in LANGUAGES]
    for table, language in zip(tables, LANGUAGES, strict=True):
        assert table["language"] == language
        assert set(table["commands"]) == COMMANDS
        assert set(table["words"]) == set(tables[0]["words"])
        assert set(table["labels"]) == set(tables[0]["labels"])
        assert set(table["options"]) == set(tables[0]["options"])


def test_no_phrase_is_two_commands():
    """Two commands of one spelling, in one language or two, would make a mail of one word contradictory."""
    seen = {}
    for language in LANGUAGES:
        for name, phrases in _file(language)["commands"].items():
            for phrase in phrases:
                for words in spellings(phrase):
                    assert seen.setdefault(words, name) == name, phrase


def test_no_command_is_also_a_courtesy():
    """A word that is both would be taken for a command inside polite sentences."""
    courtesies = {
        words
        for language in LANGUAGES
        for kind in ("polite", "thanks", "attending", "regret", "when", "greetings", "sign_offs")
        for phrase in _file(language)["words"][kind]
        for words in spellings(phrase)
    }
    for language in LANGUAGES:
        for phrases in _file(language)["commands"].values():
            assert not courtesies.intersection(*[set().union(*map(spellings, phrases))])


def test_swedish_letters_have_three_spellings():
    """As typed, on a foreign keyboard, and in the old way of telegrams."""
    assert {("anmal",), ("anmael",)} <= spellings("Anmäl")
    assert fold("ÅNGRA") == "angra"
    assert ("aangra",) in spellings("ångra")
    assert ("cant", "come") in spellings("can't come")


def test_words_are_letters_and_digits():
    """Punctuation and emoji separate; apostrophes inside stay."""
    assert split_words("Can’t: make-it!! 👍 'x'") == ("Can't", "make", "it", "x")
    assert fold_words("STÄLL IN") == ("stall", "in")


def test_tables_are_read_once():
    """The same value each time."""
    assert lexicon() is lexicon()
    assert programs() is programs()


def test_the_longest_phrase_wins():
    """MIN ANMÄLAN asks for the status, ANMÄLAN registers."""
    (meanings,) = lexicon().phrases.tile(fold_words("min anmälan"))
    assert [m.name for m in meanings] == ["status"]
    assert lexicon().phrases.tile(fold_words("anmälan xyz")) is None
