"""What the votes are worth: rankings, intervals, agreement, HYPE."""
