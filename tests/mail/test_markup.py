import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.mail.markup import LIMIT, RULE, html_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello", "Hello"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p class=MsoNormal>One</p><p class=MsoNormal>Two</p>", "One\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br/><br>Four", "One\nTwo\n\nFour"),
        ("a <b>bold</b>  word\n here", "a bold word here"),
        ("<table><tr><td>Name:</td><td>Ada</td></tr><tr><td>Diet</td></tr></table>", "Name: Ada\nDiet"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("Caf&eacute; &amp; &#229;&#xe5; &lt;b&gt; &unknown; &", "Café & åå <b> &unknown; &"),
        ("&#99999999999; &#0;", "&#99999999999; \ufffd"),
        ("1 < 2 <3 you", "1 < 2 <3 you"),
        ("<a title='a > b' href=\"x\">link</a>", "link"),
        ("<style>p { }</style><script>alert('<p>')</script>text", "text"),
        ("<html><head><title>T</title><meta></head><body>text</body></html>", "text"),
        ("<head>text without an end", "text without an end"),
        ("a<!-- <p>b --> c<!--> d<![CDATA[x]]> e", "a c d e"),
        ("<!DOCTYPE html><?xml version='1.0'?>text", "text"),
        ("<BLOCKQUOTE TYPE=CITE>q<BLOCKQUOTE>r</BLOCKQUOTE></BLOCKQUOTE>new", "> q\n> > r\nnew"),
        (
            "<div>On Monday X wrote:</div><blockquote><p>q</p><p>r</p></blockquote>",
            "On Monday X wrote:\n>\n> q\n>\n> r",
        ),
        ("<blockquote style='margin:0 0 0 40px;border:none'>mine</blockquote>", "mine"),
        ("<div class='moz-cite-prefix'>Ada skrev:</div>x", "> Ada skrev:\nx"),
        ("new<hr><div id='divRplyFwdMsg'>From: X</div>", f"new\n{RULE}\n{RULE}\nFrom: X"),
        ("new<div style='border:none;border-top:solid #E1E1E1 1.0pt'>From: X</div>", f"new\n{RULE}\nFrom: X"),
    ],
)
def test_html_reads_as_lines(source, text):
    """Blocks are lines, cells are parted by a blank, quotes are marked, entities are signs."""
    assert html_to_text(source) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>no<div>no</div>no</div>", '<span style="DISPLAY : none !important">no</span>',
        "<div style='max-height:0;overflow:hidden'>no</div>", "<div style='max-height: 0px'>no</div>",
        "<p style='font-size:0'>no</p>", "<td style='font-size:0px'>no</td>", "<template>no</template>",
        "<select><option>no</option></select>", "<textarea>no</textarea>", "<svg><text>no</text></svg>",
    ],
)  # fmt: skip
def test_what_nobody_sees_is_not_read(hidden):
    """Hidden elements say nothing, to their end and not beyond."""
    assert html_to_text(f"<div>yes {hidden} yes</div>").split() == ["yes", "yes"]


def test_what_only_looks_hidden_is_read():
    """A size of 0.9 em, a height of 0.5, and a visible cell in a frame of size zero."""
    assert html_to_text("<p style='font-size:0.9em'>yes</p>") == "yes"
    assert html_to_text("<p style='max-height:0.5em'>yes</p>") == "yes"
    assert html_to_text("<table style='font-size:0'><tr><td style='font-size:14px'>yes</td></tr></table>") == "yes"
    assert html_to_text("<p style='display:none'>no<p>yes") == "yes"


@pytest.mark.parametrize(
    "piece",
    [
        "<a ", "<!--", "<div>", "<a <a", '<a "', '<a ="', '<a b="c"', "</div>", "<p>", "<p>x", "<blockquote>x", "<style>",
        "<head>", "&#", "&" + "a" * 31, "<td>", "<", "<!", "x<br>", "<pre>\n", "<p><div></p>", "<span></b>",
        '<a b="x>">', "<x style='border-top: solid'>", "<div style='display:none'>", "=\"'", " ", "<head></x>",
    ],
)  # fmt: skip
def test_hostile_html_takes_no_time(piece):
    """256 KB of anything, where html.parser needs minutes."""
    source = piece * (LIMIT // len(piece))
    start = time.process_time()
    html_to_text(source)
    assert time.process_time() - start < 1.5


def test_many_ends_for_many_beginnings_take_no_time():
    """An end tag without beginning looks at none of the open elements."""
    start = time.process_time()
    html_to_text("<div>" * 14_000 + "</i>" * 14_000)
    html_to_text("<a " + 'b="" ' * 50_000 + ">")
    html_to_text("<" + "a" * LIMIT)
    assert time.process_time() - start < 1.5


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<a b='", "'", ">", "<", "<!--", "-->", "&amp;", "x", "\n", "<blockquote>",
                                 "</blockquote>", "<br>", "<td>", "<head>", "</head>", "<pre>", "</div>", "<style>"]),
                max_size=40).map("".join) | st.text(max_size=80))  # fmt: skip
def test_any_text_can_be_read_as_html(source):
    """Never an exception, never a start or an end of blank lines."""
    text = html_to_text(source)
    assert text == text.strip("\n")
