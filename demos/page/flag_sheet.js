// The sheet to draw a flag on: sent to the server as a PNG whenever the pen is lifted.
(() => {
  const send = (sheet) => {
    const field = document.querySelector("#flag-drawing :is(input, textarea)");
    field.value = sheet ? sheet.toDataURL("image/png") : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  justLook.drawOn(".flag-sheet canvas", {
    ink: (sheet) => {
      const tools = sheet.closest(".flag-sheet");
      return {
        strokeStyle: tools.querySelector("[name=flag-colour]:checked").value,
        lineWidth: Number(tools.querySelector("[type=range]").value),
      };
    },
    done: send,
  });
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
