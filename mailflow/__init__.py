"""mailflow: the registration desk of an event that lives in an e-mail address."""

__version__ = "0.1.0"
