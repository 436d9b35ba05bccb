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
    for (const line of document.querySelectorAll("#restyled [data-testid=slider]:not([tabindex])")) {
      line.tabIndex = 0;
      line.setAttribute("role", "slider");
      line.setAttribute("aria-label", "Line between the photo on the left and the restyled picture on the right");
      line.setAttribute("aria-valuemin", "0");
      line.setAttribute("aria-valuemax", "100");
      line.setAttribute("aria-valuenow", "50");
    }
  };

  // Gradio's line between two pictures follows a mouse only: a key drags it as a mouse would.
  const STEPS = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, Home: -1, End: 1, PageDown: -0.2, PageUp: 0.2 };
  addEventListener("keydown", (event) => {
    const line = event.target.closest?.("#restyled [data-testid=slider]");
    if (!line || !(event.key in STEPS)) return;
    event.preventDefault();
    const board = line.parentElement.getBoundingClientRect();
    const handle = line.getBoundingClientRect();
    const from = handle.left + handle.width / 2;
    const share = Math.min(1, Math.max(0, (from - board.left) / board.width + STEPS[event.key]));
    const mouse = (type, clientX) => new MouseEvent(type, {
      bubbles: true, cancelable: true, view: window, clientX, clientY: handle.top + handle.height / 2,
    });
    const to = board.left + share * board.width;
    line.dispatchEvent(mouse("mousedown", from));
    window.dispatchEvent(mouse("mousemove", to));
    window.dispatchEvent(mouse("mouseup", to));
    line.setAttribute("aria-valuenow", Math.round(100 * share));
  });

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

  justLook.afterChanges(() => {
    nameAll();
    hideRepeats();
  });
})();
