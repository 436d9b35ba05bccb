// A 3 × 3 window that walks over a patch of the photo: products and sum before one's eyes, and the whole photo beside.
(() => {
  const look = (window.justLook ??= {});
  const PHOTO = 96, PATCH = 8; // pixels: the longer side of the small photo, the side of the patch
  const PAUSE = 420; // milliseconds from one place of the window to the next
  const STANDS = 14; // how many places are computed at first sight

  // The sums of a kernel of 3 × 3 over numbers `width` × `height`: only where the window stands whole, on the numbers or,
  // with padding, on a rim of zeros around them.
  look.convolve = (numbers, width, height, kernel, { stride = 1, padding = 0 } = {}) => {
    const columns = Math.floor((width + 2 * padding - 3) / stride) + 1;
    const rows = Math.floor((height + 2 * padding - 3) / stride) + 1;
    const values = new Float64Array(columns * rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < 9; i++) {
          const y = row * stride - padding + Math.floor(i / 3), x = column * stride - padding + i % 3;
          if (y >= 0 && y < height && x >= 0 && x < width) sum += kernel[i] * numbers[y * width + x];
        }
        values[row * columns + column] = sum;
      }
    }
    return { values, width: columns, height: rows };
  };

  // A number as a visitor writes it, such as -1, 0.5 or 1/9; undefined if it is none or too large for the cells.
  look.kernelNumber = (text) => {
    const written = text.trim().replace("−", "-").replace(",", ".");
    const parts = /^([+-]?\d*\.?\d+)(?:\/(\d*\.?\d+))?$/.exec(written);
    const value = parts ? Number(parts[1]) / Number(parts[2] ?? 1) : NaN;
    return Number.isFinite(value) && Math.abs(value) <= 99 ? value : undefined;
  };

  const short = (value) => {
    const rounded = Math.abs(value) < 10 && !Number.isInteger(value) ? Math.round(value * 100) / 100 : Math.round(value);
    return String(rounded === 0 ? 0 : rounded).replace("-", "−");
  };

  look.beginWindow = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const inputs = [...root.querySelectorAll("[data-number]")];
    const preset = part("preset"), place = part("place"), patchGrid = part("patch"), outputGrid = part("output");
    let photo; // { grey, width, height }
    let kernel, output, at = STANDS, padding = 0, stride = 1;
    let corner = { x: 0, y: 0 }; // of the patch on the photo
    let timer;

    const patch = () => Array.from({ length: PATCH * PATCH }, (_, i) =>
      photo.grey[(corner.y + Math.floor(i / PATCH)) * photo.width + corner.x + (i % PATCH)]);

    const cells = (grid, columns, count) => {
      grid.style.setProperty("--columns", columns);
      const kept = [...grid.querySelectorAll(".cell")];
      for (const cell of kept.splice(count)) cell.remove();
      while (kept.length < count) {
        const cell = document.createElement("span");
        cell.className = "cell";
        grid.append(cell);
        kept.push(cell);
      }
      return kept;
    };

    const frame = (grid) => { // the outline of the window, above the cells
      let outline = grid.querySelector("i");
      if (!outline) { outline = document.createElement("i"); grid.prepend(outline); }
      return outline;
    };

    const shade = (cell, level, text) => {
      const tone = Math.max(0, Math.min(255, Math.round(level)));
      cell.style.background = `rgb(${tone} ${tone} ${tone})`;
      cell.style.color = tone >= 118 ? "#000" : "#fff"; // either has a contrast of 4.5 : 1 or more there
      cell.textContent = text;
    };
    // The largest amount that the kernel could give.
    const reach = () => Math.max(1, 255 * Math.max(
      kernel.reduce((sum, value) => sum + Math.max(0, value), 0), kernel.reduce((sum, value) => sum + Math.max(0, -value), 0)));
    // The grey level of a sum: white at the largest amount, and grey at 0 where the kernel can give less than that.
    const levels = (largest) => (kernel.some((value) => value < 0)
      ? (sum) => 127.5 + (127.5 * sum) / largest : (sum) => (255 * sum) / largest);

    const drawPhoto = () => {
      const canvas = part("photo");
      [canvas.width, canvas.height] = [photo.width, photo.height];
      canvas.getContext("2d").putImageData(greyPixels(photo.grey, photo.width, photo.height, (value) => value), 0, 0);
    };
    const greyPixels = (values, width, height, tone) => {
      const pixels = new ImageData(width, height);
      values.forEach((value, i) => {
        pixels.data.fill(tone(value), 4 * i, 4 * i + 3);
        pixels.data[4 * i + 3] = 255;
      });
      return pixels;
    };
    const drawWhole = () => {
      const canvas = part("whole"), whole = look.convolve(photo.grey, photo.width, photo.height, kernel, { stride, padding });
      const strongest = whole.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      [canvas.width, canvas.height] = [whole.width, whole.height];
      canvas.getContext("2d").putImageData(greyPixels(whole.values, whole.width, whole.height, levels(strongest)), 0, 0);
    };

    const draw = () => {
      const numbers = patch(), side = PATCH + 2 * padding;
      output = look.convolve(numbers, PATCH, PATCH, kernel, { stride, padding });
      at = Math.min(at, output.values.length - 1);
      const row = Math.floor(at / output.width), column = at % output.width;
      cells(patchGrid, side, side * side).forEach((cell, i) => {
        const y = Math.floor(i / side) - padding, x = (i % side) - padding;
        const rim = y < 0 || x < 0 || y >= PATCH || x >= PATCH;
        const value = rim ? 0 : numbers[y * PATCH + x];
        cell.classList.toggle("rim", rim);
        shade(cell, value, value);
      });
      Object.assign(frame(patchGrid).style, {
        left: `${(100 * column * stride) / side}%`, top: `${(100 * row * stride) / side}%`, width: `${300 / side}%`, height: `${300 / side}%`,
      });
      const level = levels(reach());
      cells(outputGrid, output.width, output.values.length).forEach((cell, i) => {
        if (i <= at) shade(cell, level(output.values[i]), short(output.values[i]));
        else { cell.style.background = cell.style.color = ""; cell.textContent = ""; }
        cell.classList.toggle("empty", i > at);
      });
      Object.assign(frame(outputGrid).style, {
        left: `${(100 * column) / output.width}%`, top: `${(100 * row) / output.height}%`,
        width: `${100 / output.width}%`, height: `${100 / output.height}%`,
      });
      const products = kernel.map((weight, i) => {
        const y = row * stride - padding + Math.floor(i / 3), x = column * stride - padding + (i % 3);
        const value = y < 0 || x < 0 || y >= PATCH || x >= PATCH ? 0 : numbers[y * PATCH + x];
        return [value, weight, value * weight];
      });
      cells(part("products"), 3, 9).forEach((cell, i) => {
        const [value, weight, product] = products[i];
        cell.innerHTML = `<small>${value} × ${inputs[i].value.trim().replace("-", "−") || short(weight)}</small>${short(product)}`;
      });
      part("sum").textContent = `Sum: ${short(output.values[at])}`;
      part("size").textContent = `The output: (${PATCH}${padding ? " + 2 · 1" : ""} − 3)${stride > 1 ? " : 2, rounded down," : ""} + 1 = ` +
        `${output.width}, so ${output.width} × ${output.height} numbers.`;
      root.dataset.at = at;
      if (!timer) {
        part("status").textContent = `Row ${row + 1}, column ${column + 1} of the output: the sum is ${short(output.values[at])}.`;
      }
    };

    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      root.querySelector('[data-act="play"]').textContent = "Play";
    };
    const move = (to) => {
      at = Math.max(0, Math.min(output.values.length - 1, to));
      draw();
    };
    const play = () => {
      if (timer) { stop(); return draw(); }
      if (at === output.values.length - 1) at = -1;
      root.querySelector('[data-act="play"]').textContent = "Pause";
      timer = setInterval(() => {
        move(at + 1);
        if (at === output.values.length - 1) stop();
      }, PAUSE);
      move(at + 1);
    };
    const acts = {
      play, back: () => move(at - 1), step: () => move(at + 1), first: () => move(0), last: () => move(Infinity),
    };
    root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (!act) return;
      if (act !== "play") stop();
      acts[act]();
    });
    patchGrid.addEventListener("keydown", (event) => {
      const ways = {
        ArrowLeft: () => move(at - 1), ArrowRight: () => move(at + 1), Home: acts.first, End: acts.last, " ": play,
        ArrowUp: () => { if (at >= output.width) move(at - output.width); },
        ArrowDown: () => { if (at + output.width < output.values.length) move(at + output.width); },
      };
      if (!(event.key in ways)) return;
      event.preventDefault();
      if (event.key !== " ") stop();
      ways[event.key]();
    });
    const tap = (grid, to) => grid.addEventListener("click", (event) => {
      const box = grid.getBoundingClientRect();
      stop();
      to((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    tap(patchGrid, (across, down) => { // the window's middle comes as close as it can
      const side = PATCH + 2 * padding;
      const nearest = (share, count) => Math.max(0, Math.min(count - 1, Math.round((Math.floor(share * side) - 1) / stride)));
      move(nearest(down, output.height) * output.width + nearest(across, output.width));
    });
    tap(outputGrid, (across, down) => move(
      Math.floor(down * output.height) * output.width + Math.floor(across * output.width)));

    const change = () => { stop(); draw(); drawWhole(); };
    const readNumbers = () => {
      const read = inputs.map((input) => look.kernelNumber(input.value));
      inputs.forEach((input, i) => input.setAttribute("aria-invalid", read[i] === undefined));
      const wrong = read.includes(undefined);
      part("refused").textContent = wrong ? "Write a number from −99 to 99, such as −1, 0.5 or 1/9." : "";
      if (wrong) return;
      kernel = read;
      if (photo) change();
    };
    const choosePreset = () => {
      const numbers = preset.selectedOptions[0].dataset.kernel;
      if (numbers) numbers.split(" ").forEach((number, i) => { inputs[i].value = number; });
      readNumbers();
      if (!numbers) inputs[0].focus();
    };
    preset.addEventListener("change", choosePreset);
    for (const input of inputs) input.addEventListener("input", () => { preset.value = "own"; readNumbers(); });
    part("stride").addEventListener("change", () => { stride = Number(part("stride").value); at = 0; change(); });
    part("padding").addEventListener("change", () => { padding = Number(part("padding").checked); at = 0; change(); });

    const putPatch = (x, y) => {
      corner = { x: Math.max(0, Math.min(photo.width - PATCH, Math.round(x))), y: Math.max(0, Math.min(photo.height - PATCH, Math.round(y))) };
      place.style.left = `${(100 * (corner.x + PATCH / 2)) / photo.width}%`;
      place.style.top = `${(100 * (corner.y + PATCH / 2)) / photo.height}%`;
      place.style.setProperty("--part", `${(100 * PATCH) / photo.width}cqw`);
      draw();
    };
    const stage = place.parentElement;
    const follow = (event) => {
      if (!photo) return;
      const box = part("photo").getBoundingClientRect();
      putPatch(((event.clientX - box.left) / box.width) * photo.width - PATCH / 2,
        ((event.clientY - box.top) / box.height) * photo.height - PATCH / 2);
    };
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      place.focus({ preventScroll: true });
      event.preventDefault();
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) follow(event); });
    place.addEventListener("keydown", (event) => {
      const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (x === undefined || !photo) return;
      event.preventDefault();
      putPatch(corner.x + x, corner.y + y);
    });

    // Where the photo changes most: a patch of sky would say nothing at first sight.
    const liveliest = () => {
      let best = { x: 0, y: 0, contrast: -1 };
      for (let y = 0; y + PATCH <= photo.height; y += 2) {
        for (let x = 0; x + PATCH <= photo.width; x += 2) {
          corner = { x, y };
          const numbers = patch(), mean = numbers.reduce((sum, value) => sum + value) / numbers.length;
          const contrast = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          if (contrast > best.contrast) best = { x, y, contrast };
        }
      }
      return best;
    };

    choosePreset();
    root.takePhoto = (picture) => {
      const scale = Math.min(PHOTO / Math.max(picture.naturalWidth, picture.naturalHeight), 1);
      const width = Math.max(PATCH, Math.round(picture.naturalWidth * scale)), height = Math.max(PATCH, Math.round(picture.naturalHeight * scale));
      const { data } = look.pixelsOf(picture, width, height);
      const grey = Array.from({ length: width * height }, (_, i) =>
        Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]));
      photo = { grey, width, height };
      drawPhoto();
      const { x, y } = liveliest();
      putPatch(x, y);
      drawWhole();
    };
  };
})();
