// Drawing on a sheet with a finger, a pen or a mouse; other scripts say which sheets, with what ink, and what then.
(() => {
  const look = (window.justLook ??= {});

  const at = (sheet, event) => {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) * sheet.width) / box.width, ((event.clientY - box.top) * sheet.height) / box.height];
  };

  // `sheets` is a selector of canvases, `ink(sheet)` gives what its context is to have, `done(sheet)` follows a stroke,
  // also one that the browser breaks off.
  look.drawOn = (sheets, { ink, done }) => {
    let pen = null;
    const stroke = (to) => {
      const context = pen.sheet.getContext("2d");
      Object.assign(context, { lineCap: "round", ...ink(pen.sheet) });
      context.beginPath();
      context.moveTo(...pen.last);
      context.lineTo(to[0] + 0.01, to[1]); // a dot, where both are the same
      context.stroke();
      pen.last = to;
    };
    addEventListener("pointerdown", (event) => {
      const sheet = event.target.closest?.(sheets);
      if (!sheet) return;
      sheet.setPointerCapture(event.pointerId);
      pen = { sheet, last: at(sheet, event) };
      stroke(pen.last);
    });
    addEventListener("pointermove", (event) => { if (pen) stroke(at(pen.sheet, event)); });
    for (const end of ["pointerup", "pointercancel"]) {
      addEventListener(end, () => {
        if (pen) done(pen.sheet);
        pen = null;
      });
    }
  };
})();
