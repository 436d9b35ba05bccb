"""What each section of the results page means, in everyday words, with the field's terms in brackets."""

from __future__ import annotations

from demos.parts import explanation

EXPLAINED = {
    "In numbers": (
        "Raters are the people who answered. Agreement says how alike different people judge the same two sources: 1 "
        "if they always agree, 0 if they agree no more than by chance (inter-rater agreement). If the left picture "
        "wins much more than half the time, people favour a side (position bias)."
    ),
    "Ranking": (
        "Each vote is a match between two sources, and from all matches each gets a score, as chess players do: 1000 "
        "is average, and 400 points more mean ten wins for each loss. The line through a dot is the range in which the "
        "score lies with other raters, right for 95 of 100 such studies (95 % confidence interval). Where ranges "
        "overlap much, the order may be chance."
    ),
    "Win rates, and votes per pair": (
        "Each row is a source, and each field says how often it won against the source of the column. A dark field on "
        "few votes means little: the table below has the numbers."
    ),
    "How certain the order is": (
        "An order is fragile if a handful of votes could turn it. This counts the fewest votes whose loss, or change "
        "of side, would put another source first (robustness)."
    ),
    "Does one order explain the votes?": (
        "If most people put A before B, B before C, and yet C before A, no list from best to worst is right (a circle, "
        "or intransitive votes). A few circles come by chance; many mean that people look at different things."
    ),
    "Item by item": (
        "The same comparison for each seed or photo on its own. A source may be the best on average and the worst on "
        "some: look at those."
    ),
    "How well the raters look": (
        "From how often a person agrees with the others one can tell who looks carefully, who always presses the same "
        "side and who presses anything (a rater model). Whoever sees what the others see is never left out, however "
        "often the answer is the same."
    ),
    "Taken for real": (
        "How often pictures of each generator were taken for real ones. At 50 % people only guess: the pictures cannot "
        "be told apart (HYPE, Zhou et al., 2019)."
    ),
    "Numbers against eyes": (
        "Computers score generators without asking anybody (metrics). Does that agree with people? Each dot is a "
        "source: better by the metric is further right, better by people is higher. τ and ρ say how alike both orders "
        "are: 1 the same, 0 no relation, −1 reversed (rank correlation); in brackets what other people might have "
        "given. The two Fréchet distances compare the features of generated and of real pictures: one takes them from "
        "a small classifier of the same data, the other from VGG-19, which learned from photographs and is said to "
        "agree better with people (Zhang and others, 2018). ↓ marks a metric of which less is better."
    ),
    "Response times": (
        "From the moment when the pictures are on the screen until the answer. Answers faster than anybody can look at "
        "pictures are left out."
    ),
    "Excluded answers": (
        "Answers that do not count, with the rule that says so, for example of people who failed a check that tells "
        "what to answer. They stay in the downloads, with their reason (flags)."
    ),
    "Flagged answers": "Answers with a sign that something may be wrong, and what it means (flags). They count here.",
    "For the owner": (
        "Only you see this part. What you declare here is stored with its time. The methods paragraph and the release "
        "say it."
    ),
    "Downloads": (
        "Everything that this page is computed from. Raters have pseudonyms, which are others in every study."
    ),
}


def heading(title: str) -> str:
    """Return a section's heading with its explanation, as HTML."""
    return explanation.heading(title, EXPLAINED[title], level=3)
