// The drawing pad of the GAN tab: what is drawn goes as a PNG into the hidden field that the server reads.
(() => {
  const WIDE = 20; // pixels of the pen, on a pad of 280

  const send = (pad, text) => {
    const field = document.querySelector("#drawing :is(input, textarea)");
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    pad.dataset.drawn = text ? "yes" : "";
  };
  justLook.drawOn(".draw-pad canvas", {
    ink: () => ({ lineWidth: WIDE, strokeStyle: "#000" }),
    done: (canvas) => send(canvas.closest(".draw-pad"), canvas.toDataURL("image/png")),
  });

  const begin = (pad) => {
    const canvas = pad.querySelector("canvas"), ink = canvas.getContext("2d");
    const clear = () => {
      ink.fillStyle = "#fff";
      ink.fillRect(0, 0, canvas.width, canvas.height);
      send(pad, "");
    };
    pad.querySelector('[data-part="clear"]').addEventListener("click", clear);
    pad.dataset.drawn = "";
    clear();
  };

  new MutationObserver(() => {
    for (const pad of document.querySelectorAll(".draw-pad:not([data-drawn])")) begin(pad);
  }).observe(document, { childList: true, subtree: true });
})();
