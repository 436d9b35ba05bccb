// The sections on convolutions: each begins when it is on the page, and is given the photo.
(() => {
  const look = (window.justLook ??= {});

  // The pixels of a picture, drawn in this size: an `ImageData`.
  look.pixelsOf = (picture, width, height) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  };

  const begins = { ".window-walk": "beginWindow", ".first-filters": "beginFilters", ".moved-digit": "beginDigit" };
  const begin = () => {
    for (const [selector, name] of Object.entries(begins)) {
      const root = document.querySelector(`${selector}:not([data-begun])`);
      if (!root) continue;
      root.dataset.begun = "yes";
      look[name](root);
    }
    const picture = document.querySelector("#seen-photo img");
    if (!picture) return;
    for (const root of document.querySelectorAll(":is(.window-walk, .first-filters)[data-begun]")) {
      const address = picture.currentSrc || picture.src;
      if (root.photo === address || !address) continue;
      root.photo = address;
      const copy = new Image(); // the page's own may be replaced before it is there
      copy.onload = () => { if (root.photo === address) root.takePhoto(copy); };
      copy.onerror = () => { if (root.photo === address) root.photo = undefined; };
      copy.src = address;
    }
  };
  const plan = look.afterChanges(begin);
  new MutationObserver(plan).observe(document, { subtree: true, attributeFilter: ["src"] }); // Gradio changes a photo in place
})();
