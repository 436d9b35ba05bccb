// Voting by keyboard, no vote before both pictures of a ballot have been seen, and names for thumbnails.
(() => {
  const LOOK_FIRST_MS = 400; // a double click must not fall through to the next pair
  const KEYS = { 1: "vote-left", 2: "vote-right", 0: "vote-tie", s: "vote-skip" };
  let shownAt = null;

  const shown = () => (shownAt === null ? null : Math.round(performance.now() - shownAt));
  const ready = () => shownAt !== null && shown() >= LOOK_FIRST_MS;

  // Storage is refused in some embedded frames: then the visitor is new at each visit.
  const RATER = "just-look-rater";
  const recall = () => { try { return localStorage.getItem(RATER) ?? ""; } catch { return ""; } };
  const remember = (rater) => { try { localStorage.setItem(RATER, rater); } catch { /* see above */ } };
  window.justLook = { shown, recall, remember };

  const watchBallot = async () => {
    const pair = document.querySelector("#ballot .pair");
    if (!pair || pair.dataset.watched) return;
    pair.dataset.watched = "yes";
    shownAt = null;
    document.body.dataset.ballot = "loading";
    await Promise.all([...pair.querySelectorAll("img")].map((picture) => picture.decode()));
    requestAnimationFrame(() => {
      shownAt = performance.now();
      setTimeout(() => { if (ready()) document.body.dataset.ballot = "ready"; }, LOOK_FIRST_MS);
    });
  };
  // What Gradio leaves without a name, or calls "Thumbnail 3 of 8", gets the name a screen reader should say.
  const name = (element, text) => {
    if (text && element.getAttribute("aria-label") !== text) element.setAttribute("aria-label", text);
  };
  const nameAll = () => {
    for (const button of document.querySelectorAll(".thumbs button.thumbnail-item, .crisp button:has(> .image-frame)")) {
      name(button, button.querySelector("img")?.alt);
    }
    for (const link of document.querySelectorAll("a.download-link")) name(link, "Download the picture");
    const [before, after] = document.querySelectorAll("#restyled img");
    if (after) {
      after.alt ||= "The restyled picture";
      before.alt ||= "The photograph before";
    }
  };

  new MutationObserver(() => {
    watchBallot();
    nameAll();
  }).observe(document, { childList: true, subtree: true });

  // Capturing, so that mouse, touch, Enter and the number keys all pass here before Gradio hears of them.
  addEventListener("click", (event) => {
    const answer = event.target.closest?.("#answers button, #skip button, button#vote-skip");
    if (answer && document.body.dataset.ballot !== "ready") {
      event.stopPropagation();
      event.preventDefault();
    } else if (answer) {
      document.body.dataset.ballot = "voted";
    }
  }, true);

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.matches?.("input:not([type=range]), textarea, select, [contenteditable]")) return;
    const id = KEYS[event.key.toLowerCase()];
    const button = id && document.getElementById(id);
    if (button && button.offsetParent !== null) {
      event.preventDefault();
      button.click();
    }
  });
})();
