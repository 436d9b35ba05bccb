"""What each section of the Generate tab means, in everyday words, with the lecture's terms in brackets."""

SAMPLING = (
    "The generator is a program that learned from many examples to draw new ones of their kind. It starts from a list "
    "of random numbers (the latent vector z) and turns it into a picture. The seed decides the numbers: the same seed "
    "draws the same sixteen pictures again."
)
SLIDERS = (
    "Every picture is drawn from its own list of numbers (z). Move one of them and watch what changes: often several "
    "things at once, because nobody told the generator what each number is for (entangled features)."
)
ATTENTION = (
    "To draw one place this generator compares it with all others and takes more from those that matter for it "
    "(self-attention, as in SAGAN). The parts that stay clear are where it looks most; the small frame "
    "marks the clicked place."
)
WALK = (
    "The steps in between belong to no example that it learned from, and are still pictures of the same kind: it did "
    "not learn its examples by heart (interpolation in the latent space)."
)
GUEST = (
    "A generator that somebody else trained and published. It runs here as the others do: only its numbers (weights) "
    "are read, never a program of its author."
)
LIVE_TRAINING = (
    "A GAN is two networks with opposite aims. In each step the discriminator D learns to tell real pictures from "
    "generated ones, and the generator G learns to draw pictures that D takes for real. Neither ever wins for good: "
    "the losses need not fall, so watch the pictures (a min-max game, Goodfellow and others, 2014)."
)
LABELS = (
    "Each training picture came with a word, here the colour of the iris, and the generator was given the word with "
    "the random numbers (a conditional GAN). So it can draw what you ask for, and a mix of two words too."
)
BIAS = (
    "A generator learns what is frequent in its training pictures. What is rare there can become rarer still in its "
    "samples, or vanish, because leaving it out costs little during the training (bias, mode collapse). Here that can "
    "be counted: every attribute of every training picture is known, and a classifier names those of the samples."
)
TIMELINE = (
    "A generator is saved at some points of its training (snapshots). Here the same random numbers go through each of "
    "them. The curves say who was ahead: the discriminator, which tells real pictures from generated ones, or the "
    "generator. Where a generator draws only a few kinds again and again, it has collapsed (mode collapse)."
)
TRAINING_SEED = (
    "A training starts from random weights and takes its examples in random order. Another random start gives another "
    "generator, a little better or worse. Who compares two recipes should train each several times and look at the "
    "spread (mean ± standard deviation)."
)
TRICKS = (
    "To find out whether a trick helps, train twice: once with it and once without (the control), all else equal. "
    "Smoothing: a real picture counts as 0.7 to 1 and not as exactly 1. Noise: both networks’ pictures get noise at "
    "first. 5 D or 5 G steps: one network learns five times as often as the other."
)
POINTS = (
    "A latent vector z is a point in a space with as many directions as it has numbers. Between two points there is a "
    "way, and points can be added and subtracted: if A is a bold seven, B a thin seven and C a thin three, A − B + C "
    "may be a bold three (latent arithmetic). It works where the generator keeps such properties apart."
)
PROJECTION = (
    "A generator turns numbers into a picture, never a picture into numbers. So the way back is searched for: start "
    "from the nearest of many samples, and change its numbers a little at a time so that the picture comes closer to "
    "yours (inversion by gradient descent). What it can’t draw, it can’t reach."
)
