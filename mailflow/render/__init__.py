"""Floor 3. Words: a Letter and templates become text, HTML and MIME octets."""
