// Share: a card with the picture before and after, and the link that brings it back.
(() => {
  const look = window.justLook;
  const WIDTH = 1200, HEIGHT = 630, BAR = 58, GAP = 6; // pixels of the card
  const all = (selector) => [...document.querySelectorAll(selector)];
  const done = (board) => !document.querySelector(`${board} progress`);
  const valueOf = (id) => document.querySelector(`#${id} :is(input, textarea)`)?.value ?? "";

  // For each button: the field with the query of its link, and the rows of pictures on its card, when they are there.
  const RESULTS = {
    "share-restyled": { query: "style-query", least: 2, rows: () => [all("#restyled img").slice(-2)] },
    "share-painting": { query: "style-query", least: 2, rows: () => [[...all("#canvas .compare .before"), ...all("#canvas .compare .after")]] },
    "share-sheet": { query: "style-query", least: 1, rows: () => (done("#sheet") ? [all("#sheet figure img")] : []) },
    "share-film": { query: "style-query", least: 1, film: true,
      rows: () => (done("#film-progress") ? [all("#film-progress :is(video, img[src^='data:image/gif'])")] : []) },
    "share-sample": { query: "gan-query", least: 2, rows: () => [[...all("#held-sample img"), ...all("#samples img")]] },
    "share-walk": { query: "gan-query", least: 2, about: "A walk from one sample to another in small steps, on two ways",
      more: () => ({ walk: document.querySelector("#walk-goal input[type=number]")?.value }),
      rows: () => [all("#walk-slerp img"), all("#walk-lerp img")] },
  };
  const OWN = { style: "painting", style_2: "painting_2", style_3: "painting_3", style_4: "painting_4" }; // field -> name in a link

  const sizeOf = (picture) => [picture.videoWidth ?? picture.naturalWidth, picture.videoHeight ?? picture.naturalHeight];
  const isThere = (picture) => (picture.complete ?? picture.readyState >= 2) && sizeOf(picture)[0] > 0;
  const rowsOf = ({ rows }) => rows().map((row) => row.filter(isThere)).filter((row) => row.length);
  const ready = (result) => rowsOf(result).flat().length >= result.least;

  const card = async (rows) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const ink = canvas.getContext("2d");
    ink.fillStyle = "#faf8f4";
    ink.fillRect(0, 0, WIDTH, HEIGHT);
    const most = (HEIGHT - BAR - GAP * (rows.length - 1)) / rows.length;
    for (const [line, row] of rows.entries()) { // the pictures of a row are of one height and meet in the middle
      await Promise.all(row.map((picture) => picture.decode?.()));
      const shapes = row.map((picture) => { const [across, down] = sizeOf(picture); return across / down; });
      const room = WIDTH - GAP * (row.length - 1);
      const height = Math.min(most, room / shapes.reduce((sum, shape) => sum + shape));
      let left = (WIDTH - shapes.reduce((sum, shape) => sum + shape * height, GAP * (row.length - 1))) / 2;
      for (const [place, picture] of row.entries()) {
        ink.imageSmoothingEnabled = sizeOf(picture)[0] > 300; // the pixels of a small sample stay sharp squares
        ink.drawImage(picture, left, line * (most + GAP) + (most - height) / 2, shapes[place] * height, height);
        left += shapes[place] * height + GAP;
      }
    }
    ink.fillStyle = "#1c1917";
    ink.font = "600 26px Palatino, Georgia, serif";
    ink.fillText("Just Look", 20, HEIGHT - 20);
    ink.font = "20px system-ui, sans-serif";
    ink.textAlign = "right";
    ink.fillText(location.host, WIDTH - 20, HEIGHT - 20);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  const linkOf = ({ query, more }) => {
    const named = new URLSearchParams(valueOf(query) || location.search);
    for (const [name, value] of Object.entries(more?.() ?? {})) if (value) named.set(name, value);
    return `${location.origin}${location.pathname}?${named}`;
  };

  // What the card shows, in words.
  const described = (result, rows, link) => {
    if (result.about) return result.about;
    const name = (picture) => picture.alt || picture.getAttribute("aria-label") || "A picture";
    const names = rows.flat().map(name);
    if (names.length === 1) return names[0];
    const painting = new URL(link).searchParams.get("painting");
    const known = result.query === "style-query" && document.querySelector(`#wall [data-painting="${CSS.escape(painting ?? "")}"] img`)?.alt;
    return `Left: ${names[0]}. Right: ${known || names.at(-1)}.`;
  };

  // What the link can't bring back, because it stays with the visitor.
  const missing = ({ query, film }, link) => {
    if (query !== "style-query") return [];
    const named = new URL(link).searchParams;
    const painting = Object.entries(OWN).some(([field, name]) => (name === "painting" || valueOf(`file-${field}`)) && !named.has(name));
    return [
      film ? "your film" : !named.has("photo") && "your photo",
      painting && "your painting",
      named.get("area") === "drawn" && "what you drew",
    ].filter(Boolean);
  };

  const note = (parts) => {
    if (!parts.length) return "";
    const list = [parts.slice(0, -1).join(", "), parts.at(-1)].filter(Boolean).join(" and ");
    return `The link brings back the settings, but not ${list}: only who gets the card sees that.`;
  };

  const open = (blob, data, about, text) => {
    document.querySelector("dialog.sharing")?.remove();
    const dialog = document.createElement("dialog");
    dialog.className = "sharing";
    dialog.setAttribute("aria-label", "Share the picture");
    dialog.innerHTML = `<img width="${WIDTH}" height="${HEIGHT}">
      <label>Link <input type="text" readonly></label>
      <p class="note" role="status"></p>
      <div><button type="button" data-share="send" hidden>Share</button><button type="button" data-share="copy">Copy the link</button>
      <button type="button" data-share="save">Save the card</button><button type="button" data-share="close">Close</button></div>`;
    const field = dialog.querySelector("input");
    const status = dialog.querySelector("[role=status]");
    const address = URL.createObjectURL(blob);
    Object.assign(dialog.querySelector("img"), { src: address, alt: about });
    field.value = data.url;
    status.textContent = text;
    dialog.querySelector("[data-share=send]").hidden = !navigator.canShare?.(data);
    dialog.addEventListener("click", async (event) => {
      const wanted = event.target.closest("[data-share]")?.dataset.share;
      if (wanted === "close" || event.target === dialog) dialog.close();
      if (wanted === "save") look.save("just-look.png", blob);
      if (wanted === "copy") status.textContent = `${await look.copy(field.value, field)} ${text}`;
      if (wanted === "send" && await send(data)) dialog.close();
    });
    dialog.addEventListener("close", () => { URL.revokeObjectURL(address); dialog.remove(); });
    document.querySelector(".gradio-container").append(dialog);
    dialog.showModal();
  };

  // The device's own share sheet. Returns false where it fails, and not where the visitor closes it.
  const send = async (data) => {
    try {
      await navigator.share(data);
      return true;
    } catch (error) {
      return error.name === "AbortError";
    }
  };

  const filmOf = async (picture) => {
    const blob = await (await fetch(picture.currentSrc || picture.src)).blob();
    return new File([blob], blob.type === "image/gif" ? "restyled.gif" : "restyled.mp4", { type: blob.type });
  };

  const share = async (result) => {
    const rows = rowsOf(result);
    const link = linkOf(result);
    const recipe = Object.fromEntries(new URL(link).searchParams);
    const blob = await look.noted(await card(rows), recipe, result.query === "gan-query" ? "generated" : "composite");
    const about = described(result, rows, link);
    const data = { title: document.title, text: about, url: link, files: [new File([blob], "just-look.png", { type: "image/png" })] };
    if (result.film && navigator.canShare) {
      const moving = { ...data, files: [await filmOf(rows[0][0])] };
      if (navigator.canShare(moving)) data.files = moving.files;
    }
    const parts = missing(result, link);
    if (!parts.length && navigator.canShare?.(data) && await send(data)) return;
    open(blob, data, about, note(parts));
  };

  addEventListener("click", (event) => {
    const result = RESULTS[event.target.closest?.("button.share")?.id];
    if (result && ready(result)) share(result);
  });

  // A button that has nothing to share yet is off.
  const plan = look.afterChanges(() => {
    for (const [id, result] of Object.entries(RESULTS)) {
      const button = document.getElementById(id);
      if (button) button.disabled = !ready(result);
    }
  });
  for (const event of ["load", "loadeddata"]) document.addEventListener(event, plan, true);
})();
