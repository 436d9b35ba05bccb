// A closer look at both pictures of a ballot at once: what is done to one is done to the other.
(() => {
  const look = (window.justLook ??= {});
  const STEPS = [1, 2, 3, 4, 6, 8];

  const open = (pictures) => {
    if (document.querySelector("dialog.zoom") || !pictures.length) return;
    const dialog = document.createElement("dialog");
    dialog.className = "zoom";
    dialog.setAttribute("aria-label", pictures.length > 1 ? "Both pictures, enlarged" : "The picture, enlarged");
    dialog.innerHTML = `<div class="zoom-bar">
        <button type="button" data-zoom="-1" aria-label="Smaller">−</button>
        <output aria-live="polite"></output>
        <button type="button" data-zoom="1" aria-label="Larger">+</button>
        <button type="button" data-zoom="close">Close</button>
      </div><div class="zoom-views"></div>`;
    const views = pictures.map((picture) => {
      const view = document.createElement("div");
      view.className = "zoom-view";
      view.tabIndex = 0; // the arrow keys pan
      view.setAttribute("role", "group");
      view.setAttribute("aria-label", `${picture.alt}, enlarged`);
      const copy = new Image();
      copy.src = picture.src;
      copy.alt = picture.alt;
      copy.className = picture.className;
      copy.draggable = false;
      view.append(copy);
      return view;
    });
    dialog.querySelector(".zoom-views").append(...views);

    let step = 1;
    const scale = (by) => {
      const centre = views.map((view) => [
        (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth,
        (view.scrollTop + view.clientHeight / 2) / view.scrollHeight,
      ])[0];
      step = Math.max(0, Math.min(STEPS.length - 1, step + by));
      for (const view of views) {
        view.firstChild.style.width = `${STEPS[step] * 100}%`;
        view.scrollLeft = centre[0] * view.scrollWidth - view.clientWidth / 2;
        view.scrollTop = centre[1] * view.scrollHeight - view.clientHeight / 2;
      }
      dialog.querySelector("output").value = `${STEPS[step]} ×`;
    };

    for (const view of views) {
      view.addEventListener("scroll", () => {
        for (const other of views) {
          if (other === view) continue;
          if (Math.abs(other.scrollLeft - view.scrollLeft) > 1) other.scrollLeft = view.scrollLeft;
          if (Math.abs(other.scrollTop - view.scrollTop) > 1) other.scrollTop = view.scrollTop;
        }
      });
      let held = null; // a mouse drags; fingers scroll by themselves
      view.addEventListener("pointerdown", (event) => {
        if (event.pointerType !== "mouse") return;
        held = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
        view.setPointerCapture(event.pointerId);
      });
      view.addEventListener("pointermove", (event) => {
        if (held) view.scrollTo(held[0] - event.clientX, held[1] - event.clientY);
      });
      view.addEventListener("pointerup", () => { held = null; });
      view.addEventListener("wheel", (event) => {
        event.preventDefault();
        scale(event.deltaY < 0 ? 1 : -1);
      }, { passive: false });
    }
    dialog.addEventListener("click", (event) => {
      const wanted = event.target.closest("[data-zoom]")?.dataset.zoom;
      if (wanted === "close") dialog.close();
      else if (wanted) scale(Number(wanted));
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "+" || event.key === "=") scale(1);
      if (event.key === "-") scale(-1);
      if (event.key.toLowerCase() === "z") dialog.close();
      event.stopPropagation(); // no vote is cast behind the dialogue
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.querySelector(".gradio-container").append(dialog);
    dialog.showModal();
    scale(0);
  };

  look.zoom = { open, close: () => document.querySelector("dialog.zoom")?.close() };
})();
