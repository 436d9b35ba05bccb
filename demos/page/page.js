// Names for what Gradio leaves without one, and one message where it shows several alike.
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

  // Several sections look at one photo, and each refuses a bad one: the visitor is told once.
  const tellOnce = () => {
    for (const toast of document.querySelectorAll(".toast-body")) {
      const told = new Set();
      for (const item of toast.querySelectorAll(".toast-message-item")) {
        const again = told.has(item.textContent);
        told.add(item.textContent);
        if (!again) continue;
        item.style.display = "none";
        const line = item.previousElementSibling;
        if (line?.classList.contains("toast-separator")) line.style.display = "none";
      }
      const count = toast.querySelector(".toast-count");
      if (count) count.style.display = told.size > 1 ? "" : "none";
    }
  };

  new MutationObserver(() => {
    nameAll();
    tellOnce();
  }).observe(document, { childList: true, subtree: true });
})();
