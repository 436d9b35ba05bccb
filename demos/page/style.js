// Style transfer: moves the line between the photo and the painting, and draws the mask.
(() => {
  addEventListener("input", (event) => {
    const line = event.target.closest?.(".compare input");
    if (line) line.parentElement.style.setProperty("--cut", `${line.value}%`);
  });

  // The sheet over the photo: sent to the server as a PNG whenever the pen is lifted.
  let pen = null;
  const send = (sheet) => {
    const field = document.querySelector("#drawn-mask textarea, #drawn-mask input");
    field.value = sheet.toDataURL("image/png");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const at = (sheet, event) => {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) * sheet.width) / box.width, ((event.clientY - box.top) * sheet.height) / box.height];
  };
  const draw = (sheet, from, to) => {
    const tools = sheet.parentElement.nextElementSibling;
    const ink = sheet.getContext("2d");
    ink.globalCompositeOperation = tools.querySelector("[type=checkbox]").checked ? "destination-out" : "source-over";
    ink.strokeStyle = "#e8663d";
    ink.lineCap = "round";
    ink.lineWidth = Number(tools.querySelector("[type=range]").value);
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(to[0] + 0.01, to[1]);
    ink.stroke();
  };
  addEventListener("pointerdown", (event) => {
    const sheet = event.target.closest?.(".drawing canvas");
    if (!sheet) return;
    sheet.setPointerCapture(event.pointerId);
    pen = { sheet, last: at(sheet, event) };
    draw(sheet, pen.last, pen.last);
  });
  addEventListener("pointermove", (event) => {
    if (!pen) return;
    const next = at(pen.sheet, event);
    draw(pen.sheet, pen.last, next);
    pen.last = next;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => {
      if (pen) send(pen.sheet);
      pen = null;
    });
  }
  addEventListener("click", (event) => {
    const tools = event.target.closest?.(".drawing-tools button")?.parentElement;
    if (!tools) return;
    const sheet = tools.previousElementSibling.querySelector("canvas");
    sheet.getContext("2d").clearRect(0, 0, sheet.width, sheet.height);
    send(sheet);
  });

  // Gradio's aria-label of an empty upload area differs from its visible text: use the visible text.
  const nameEmpty = () => {
    for (const place of document.querySelectorAll("button.upload-container[aria-label]")) {
      const text = place.innerText.replace(/\s+/g, " ").trim();
      if (text && place.getAttribute("aria-label") !== text) place.setAttribute("aria-label", text);
    }
  };
  new MutationObserver(nameEmpty).observe(document, { childList: true, subtree: true });
})();
