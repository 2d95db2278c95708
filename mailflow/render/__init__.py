"""Floor 3. Words: a Letter and its templates become text, HTML and MIME octets."""

from mailflow.render.letter import Rendered, Renderer, Site

__all__ = ["Rendered", "Renderer", "Site"]
