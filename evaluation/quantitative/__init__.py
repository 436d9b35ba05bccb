"""'A number': the scores that claim to say how good a generator is, each computed with a judge trained here."""
