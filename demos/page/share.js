// Share: a card with the picture before and after, and the link that brings it back.
(() => {
  const WIDTH = 1200, HEIGHT = 630, BAR = 58, GAP = 6; // pixels of the card
  const all = (selector) => [...document.querySelectorAll(selector)];
  const RESULTS = {
    "share-restyled": { query: "#style-query", pictures: () => all("#restyled img").slice(-2) },
    "share-painting": { query: "#style-query", pictures: () => [...all("#canvas .compare .before"), ...all("#canvas .compare .after")] },
    "share-sample": { query: "#gan-query", pictures: () => [...all("#held-sample img"), ...all("#samples img")] },
  };
  const PRIVATE = "Your own pictures are on the card, but not in the link: they stay private.";

  const card = async (pictures) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const ink = canvas.getContext("2d");
    ink.fillStyle = "#faf8f4";
    ink.fillRect(0, 0, WIDTH, HEIGHT);
    const [width, height] = [(WIDTH - GAP) / 2, HEIGHT - BAR];
    for (const [place, picture] of pictures.entries()) {
      await picture.decode();
      const [across, down] = [picture.naturalWidth, picture.naturalHeight];
      const scale = Math.min(width / across, height / down);
      ink.imageSmoothingEnabled = across > 300; // the pixels of a small sample stay sharp squares
      const left = place ? width + GAP : width - scale * across; // both meet in the middle
      ink.drawImage(picture, left, (height - scale * down) / 2, scale * across, scale * down);
    }
    ink.fillStyle = "#1c1917";
    ink.font = "600 26px Palatino, Georgia, serif";
    ink.fillText("Just Look", 20, HEIGHT - 20);
    ink.font = "20px system-ui, sans-serif";
    ink.textAlign = "right";
    ink.fillText(location.host, WIDTH - 20, HEIGHT - 20);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  const copy = async (field) => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch { // no permission, or not a secure address
      field.select();
      document.execCommand("copy");
    }
  };

  const open = (blob, link, note) => {
    document.querySelector("dialog.sharing")?.remove();
    const dialog = document.createElement("dialog");
    dialog.className = "sharing";
    dialog.setAttribute("aria-label", "Share the picture");
    dialog.innerHTML = `<img alt="The card: the picture before and after" width="${WIDTH}" height="${HEIGHT}">
      <label>Link <input type="text" readonly></label>
      <p class="note" role="status"></p>
      <div><button type="button" data-share="copy">Copy the link</button><a download="just-look.png">Save the card</a>
      <button type="button" data-share="close">Close</button></div>`;
    const field = dialog.querySelector("input");
    const address = URL.createObjectURL(blob);
    dialog.querySelector("img").src = dialog.querySelector("a").href = address;
    field.value = link;
    dialog.querySelector("[role=status]").textContent = note;
    dialog.addEventListener("click", (event) => {
      const wanted = event.target.closest("[data-share]")?.dataset.share;
      if (wanted === "close" || event.target === dialog) dialog.close();
      if (wanted === "copy") copy(field).then(() => { dialog.querySelector("[role=status]").textContent = "The link is copied."; });
    });
    dialog.addEventListener("close", () => { URL.revokeObjectURL(address); dialog.remove(); });
    document.querySelector(".gradio-container").append(dialog);
    dialog.showModal();
  };

  const share = async ({ query, pictures }) => {
    const shown = pictures().filter((picture) => picture.complete && picture.naturalWidth);
    if (shown.length < 2) return; // nothing is painted yet
    const named = document.querySelector(`${query} :is(input, textarea)`)?.value;
    const url = named ? `${location.origin}${location.pathname}?${named}` : location.href;
    const whole = query !== "#style-query" || ["photo=", "painting="].every((part) => url.includes(part));
    const blob = await card(shown);
    const data = { title: document.title, url, files: [new File([blob], "just-look.png", { type: "image/png" })] };
    if (navigator.canShare?.(data)) {
      try {
        return await navigator.share(data);
      } catch (error) {
        if (error.name === "AbortError") return; // closed by the visitor
      }
    }
    open(blob, url, whole ? "" : PRIVATE);
  };

  addEventListener("click", (event) => {
    const result = RESULTS[event.target.closest?.("button.share, .share > button")?.closest("[id]")?.id];
    if (result) share(result);
  });
})();
