// Style transfer: the line between the photo and the painting follows the hand, the finger or the arrow keys.
(() => {
  addEventListener("input", (event) => {
    const line = event.target.closest?.(".compare input");
    if (line) line.parentElement.style.setProperty("--cut", `${line.value}%`);
  });

  // Gradio names an empty place for a picture otherwise than it reads.
  const nameEmpty = () => {
    for (const place of document.querySelectorAll("button.upload-container[aria-label]")) {
      const text = place.innerText.replace(/\s+/g, " ").trim();
      if (text && place.getAttribute("aria-label") !== text) place.setAttribute("aria-label", text);
    }
  };
  new MutationObserver(nameEmpty).observe(document, { childList: true, subtree: true });
})();
