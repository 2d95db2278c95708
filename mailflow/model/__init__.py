"""Floor 1. The vocabulary: dataclasses and the few pure rules that belong to them."""
