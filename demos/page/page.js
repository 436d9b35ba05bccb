// Names for what Gradio leaves without one.
(() => {
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
    nameAll();
  }).observe(document, { childList: true, subtree: true });
})();
