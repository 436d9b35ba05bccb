"""The rules of a class: where a room stands, what it is asked, which answers count. No web and no database."""
