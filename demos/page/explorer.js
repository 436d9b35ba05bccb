// The drawing pad of the GAN tab: what is drawn goes as a PNG into the hidden field that the server reads.
(() => {
  const WIDE = 20; // pixels of the pen, on a pad of 280

  const begin = (pad) => {
    const canvas = pad.querySelector("canvas"), ink = canvas.getContext("2d");
    const send = (text) => {
      const field = document.querySelector("#drawing :is(input, textarea)");
      if (!field) return;
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      pad.dataset.drawn = text ? "yes" : "";
    };
    const clear = () => {
      ink.fillStyle = "#fff";
      ink.fillRect(0, 0, canvas.width, canvas.height);
      send("");
    };
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      Object.assign(ink, { lineWidth: WIDE, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
      ink.beginPath();
      ink.moveTo(...at(event));
      ink.lineTo(...at(event)); // a dot
      ink.stroke();
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      ink.lineTo(...at(event));
      ink.stroke();
    });
    canvas.addEventListener("pointerup", () => send(canvas.toDataURL("image/png")));
    pad.querySelector('[data-part="clear"]').addEventListener("click", clear);
    pad.dataset.drawn = "";
    clear();
  };

  new MutationObserver(() => {
    for (const pad of document.querySelectorAll(".draw-pad:not([data-drawn])")) begin(pad);
  }).observe(document, { childList: true, subtree: true });
})();
