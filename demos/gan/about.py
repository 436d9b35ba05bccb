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
    "(self-attention, as in SAGAN). The bright parts are where it looks most."
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
