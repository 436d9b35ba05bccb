"""What a visitor finds of their own answers, beside everybody's."""
