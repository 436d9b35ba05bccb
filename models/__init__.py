"""Networks and algorithms of the lecture, in pure torch: no user interface, no database."""
