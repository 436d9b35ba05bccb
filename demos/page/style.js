// Style transfer: moves the line between the photo and the painting, and draws the mask.
(() => {
  addEventListener("input", (event) => {
    const line = event.target.closest?.(".compare input");
    if (line) line.parentElement.style.setProperty("--cut", `${line.value}%`);
  });

  // The sheet over the photo: sent to the server as a PNG whenever the pen is lifted.
  const send = (sheet) => {
    const field = document.querySelector("#drawn-mask textarea, #drawn-mask input");
    field.value = sheet.toDataURL("image/png");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  justLook.drawOn(".drawing canvas", {
    ink: (sheet) => {
      const tools = sheet.parentElement.nextElementSibling;
      return {
        globalCompositeOperation: tools.querySelector("[type=checkbox]").checked ? "destination-out" : "source-over",
        strokeStyle: "#e8663d",
        lineWidth: Number(tools.querySelector("[type=range]").value),
      };
    },
    done: send,
  });
  addEventListener("click", (event) => {
    const tools = event.target.closest?.(".drawing-tools button")?.parentElement;
    if (!tools) return;
    const sheet = tools.previousElementSibling.querySelector("canvas");
    sheet.getContext("2d").clearRect(0, 0, sheet.width, sheet.height);
    send(sheet);
  });

  // Gradio's aria-label of an empty upload area differs from its visible text: use the visible text.
  justLook.afterChanges(() => {
    for (const place of document.querySelectorAll("button.upload-container[aria-label]")) {
      const text = place.innerText.replace(/\s+/g, " ").trim();
      if (text && place.getAttribute("aria-label") !== text) place.setAttribute("aria-label", text);
    }
  });
})();
