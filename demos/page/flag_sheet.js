// The sheet to draw a flag on: sent to the server as a PNG whenever the pen is lifted.
(() => {
  let pen = null;
  const at = (sheet, event) => {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) * sheet.width) / box.width, ((event.clientY - box.top) * sheet.height) / box.height];
  };
  const draw = (sheet, from, to) => {
    const ink = sheet.getContext("2d"), tools = sheet.closest(".flag-sheet");
    ink.strokeStyle = tools.querySelector("[name=flag-colour]:checked").value;
    ink.lineCap = "round";
    ink.lineWidth = Number(tools.querySelector("[type=range]").value);
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(to[0] + 0.01, to[1]);
    ink.stroke();
  };
  const send = (sheet) => {
    const field = document.querySelector("#flag-drawing :is(input, textarea)");
    field.value = sheet ? sheet.toDataURL("image/png") : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  addEventListener("pointerdown", (event) => {
    const sheet = event.target.closest?.(".flag-sheet canvas");
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
    const tool = event.target.closest?.(".flag-sheet button");
    if (!tool) return;
    const sheet = tool.closest(".flag-sheet").querySelector("canvas"), ink = sheet.getContext("2d");
    ink.clearRect(0, 0, sheet.width, sheet.height);
    if (tool.dataset.fill) { // by keyboard too: the whole sheet in the chosen colour
      ink.fillStyle = tool.closest(".flag-sheet").querySelector("[name=flag-colour]:checked").value;
      ink.fillRect(0, 0, sheet.width, sheet.height);
    }
    send(tool.dataset.fill ? sheet : null);
  });
})();
