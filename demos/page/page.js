// Names for controls that Gradio leaves nameless, and one error message where Gradio shows the same one several times.
(() => {
  // Names for screen readers, where Gradio gives none or says "Thumbnail 3 of 8".
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

  // Several sections read the same photo and each refuses a bad one: show the message once.
  const hideRepeats = () => {
    for (const toast of document.querySelectorAll(".toast-body")) {
      const messages = new Set();
      for (const item of toast.querySelectorAll(".toast-message-item")) {
        const repeated = messages.has(item.textContent);
        messages.add(item.textContent);
        if (!repeated) continue;
        item.style.display = "none";
        const line = item.previousElementSibling;
        if (line?.classList.contains("toast-separator")) line.style.display = "none";
      }
      const count = toast.querySelector(".toast-count");
      if (count) count.style.display = messages.size > 1 ? "" : "none";
    }
  };

  new MutationObserver(() => {
    nameAll();
    hideRepeats();
  }).observe(document, { childList: true, subtree: true });
})();
