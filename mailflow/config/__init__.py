"""Floor 3. TOML → frozen values: the site's configuration and the event files, every problem at once.

A package where DESIGN.md draws one module: two file formats, their schema and the search order do not fit 250 lines.
"""
