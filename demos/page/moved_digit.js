// A digit moved around a canvas, and what a fully connected and a convolutional network say of it, in the browser.
(() => {
  const look = (window.justLook ??= {});
  const SIDE = 48, DIGIT = 28, REACH = (SIDE - DIGIT) / 2; // pixels; see models/vision/shift_pair.py
  const CLASSES = 10;

  // Reads the safetensors file of models/vision/shift_pair.py: `{ dense, convolutional }`, each a function from the
  // 48 × 48 numbers of a canvas, 0 … 1, to ten probabilities.
  look.readShiftPair = (file) => {
    const length = Number(new DataView(file).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
    const halves = (bits) => Float32Array.from(bits, (half) => {
      const exponent = (half >> 10) & 31, fraction = half & 1023;
      const amount = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
      return half & 0x8000 ? -amount : amount;
    });
    const tensor = (name) => {
      const { dtype, data_offsets: [start, end], shape } = header[name];
      const bytes = file.slice(8 + length + start, 8 + length + end);
      return { shape, values: dtype === "F16" ? halves(new Uint16Array(bytes)) : new Float32Array(bytes) };
    };
    const layer = (name) => ({ weight: tensor(`${name}.weight`), bias: tensor(`${name}.bias`).values });

    const linear = (inputs, { weight: { shape: [count, depth], values }, bias }) => Float32Array.from({ length: count }, (_, i) => {
      let sum = bias[i];
      for (let k = 0, at = i * depth; k < depth; k++, at++) if (inputs[k]) sum += inputs[k] * values[at];
      return sum;
    });
    const relu = (values) => values.map((value) => Math.max(0, value));
    const softmax = (logits) => {
      const most = Math.max(...logits), powers = Array.from(logits, (logit) => Math.exp(logit - most));
      const total = powers.reduce((sum, power) => sum + power);
      return powers.map((power) => power / total);
    };

    // A 3 × 3 convolution with a rim of zeros over planes of `side` × `side`, one after another in one array.
    const convolution = (inputs, side, { weight: { shape: [outer, inner], values }, bias }) => {
      const outputs = new Float32Array(outer * side * side);
      for (let o = 0; o < outer; o++) {
        const sums = outputs.subarray(o * side * side, (o + 1) * side * side).fill(bias[o]);
        for (let i = 0; i < inner; i++) {
          const plane = inputs.subarray(i * side * side, (i + 1) * side * side);
          for (let k = 0; k < 9; k++) {
            const weight = values[(o * inner + i) * 9 + k], down = Math.floor(k / 3) - 1, right = (k % 3) - 1;
            const from = Math.max(0, -right), to = side - Math.max(0, right);
            for (let y = Math.max(0, -down); y < side - Math.max(0, down); y++) {
              const source = (y + down) * side + right;
              for (let x = from; x < to; x++) sums[y * side + x] += weight * plane[source + x];
            }
          }
        }
      }
      return outputs;
    };
    const halved = (planes, side) => { // the largest of each 2 × 2
      const half = side / 2, count = planes.length / (side * side), pooled = new Float32Array(count * half * half);
      for (let at = 0; at < pooled.length; at++) {
        const plane = Math.floor(at / (half * half)), y = Math.floor(at / half) % half, x = at % half;
        const from = plane * side * side + 2 * y * side + 2 * x;
        pooled[at] = Math.max(planes[from], planes[from + 1], planes[from + side], planes[from + side + 1]);
      }
      return pooled;
    };

    const [hidden, denseOut] = ["dense.hidden", "dense.out"].map(layer);
    const [first, second, third, out] = ["first", "second", "third", "out"].map((name) => layer(`convolutional.${name}`));
    const dense = (canvas) => softmax(linear(relu(linear(canvas, hidden)), denseOut));
    const convolutional = (canvas) => {
      let maps = relu(halved(convolution(canvas, SIDE, first), SIDE));
      maps = relu(halved(convolution(maps, SIDE / 2, second), SIDE / 2));
      maps = relu(convolution(maps, SIDE / 4, third));
      const places = (SIDE / 4) ** 2;
      const strongest = Float32Array.from({ length: maps.length / places }, (_, i) =>
        maps.subarray(i * places, (i + 1) * places).reduce((most, value) => Math.max(most, value)));
      return softmax(linear(strongest, out));
    };
    return { dense, convolutional };
  };

  // A drawing, white on black in RGBA, as MNIST has its digits: at most 20 pixels a side, its centre of mass in the
  // middle of 28 × 28. Null if nothing is drawn.
  look.asDigit = (sheet) => {
    const { width, height } = sheet;
    const { data } = sheet.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, width, height);
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (data[4 * (y * width + x)] < 32) continue;
        [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      }
    }
    if (right < 0) return null;
    const scale = 20 / Math.max(right - left + 1, bottom - top + 1);
    const lay = (toX, toY) => {
      const small = document.createElement("canvas");
      [small.width, small.height] = [DIGIT, DIGIT];
      const context = small.getContext("2d", { willReadFrequently: true });
      context.imageSmoothingQuality = "high";
      context.fillRect(0, 0, DIGIT, DIGIT);
      context.drawImage(sheet, left, top, right - left + 1, bottom - top + 1, toX, toY, (right - left + 1) * scale, (bottom - top + 1) * scale);
      const pixels = context.getImageData(0, 0, DIGIT, DIGIT).data;
      return Float32Array.from({ length: DIGIT * DIGIT }, (_, i) => pixels[4 * i] / 255);
    };
    const [x, y] = [(DIGIT - (right - left + 1) * scale) / 2, (DIGIT - (bottom - top + 1) * scale) / 2];
    const values = lay(x, y), mass = values.reduce((sum, value) => sum + value, 0) || 1;
    const mean = (coordinate) => values.reduce((sum, value, i) => sum + value * coordinate(i), 0) / mass;
    const middle = (DIGIT - 1) / 2;
    return lay(x + Math.round(middle - mean((i) => i % DIGIT)), y + Math.round(middle - mean((i) => Math.floor(i / DIGIT))));
  };

  const percent = (share) => (share > 0.995 && share < 1 ? "over 99 %" : `${(100 * share).toFixed(0)} %`);

  look.beginDigit = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const described = JSON.parse(root.parentElement.querySelector("data").value);
    const sections = [...root.querySelectorAll("[data-classifier]")].map((section) => ({
      name: section.dataset.classifier, inside: (name) => section.querySelector(`[data-part="${name}"]`), places: described.places[section.dataset.classifier],
    }));
    const canvas = part("canvas"), handle = part("handle"), stage = part("stage"), drawing = part("drawing");
    let digits = [], digit, pair; // the samples, what lies on the canvas, both classifiers
    let right = described.right, down = described.down, planned = false;

    const laid = () => {
      const numbers = new Float32Array(SIDE * SIDE);
      for (let y = 0; y < DIGIT; y++) {
        numbers.set(digit.subarray(y * DIGIT, (y + 1) * DIGIT), (y + REACH + down) * SIDE + REACH + right);
      }
      return numbers;
    };
    const way = (pixels, positive, negative) => `${Math.abs(pixels)} ${pixels > 0 ? positive : negative}`;
    const placed = (x, y) => (x || y ? [x && way(x, "right", "left"), y && way(y, "down", "up")].filter(Boolean).join(" and ") : "in the centre");
    const share = (x, y) => sections.map(({ places }) => percent(places[y + REACH][x + REACH]));

    const tellShares = (x, y) => {
      const [dense, convolutional] = share(x, y);
      part("share").textContent = `Of ${described.tested.toLocaleString("en")} test digits that lie ${placed(x, y)}, ` +
        `the fully connected network gets ${dense} right, the convolutional one ${convolutional}.`;
    };

    const draw = () => {
      planned = false;
      if (!digit) return;
      const numbers = laid(), pixels = new ImageData(SIDE, SIDE);
      numbers.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
      canvas.getContext("2d").putImageData(pixels, 0, 0);
      handle.style.left = `${50 + (100 * right) / SIDE}%`;
      handle.style.top = `${50 + (100 * down) / SIDE}%`;
      const place = placed(right, down);
      part("place").textContent = `The digit lies ${place}${right || down ? " of the centre, in pixels" : ""}. Drag it, or use the arrow keys.`;
      tellShares(right, down);
      for (const { name, inside } of sections) {
        const side = 2 * REACH + 1;
        Object.assign(inside("ring").style, { left: `${(100 * (right + REACH + 0.5)) / side}%`, top: `${(100 * (down + REACH + 0.5)) / side}%` });
        if (!pair) continue;
        const shares = pair[name](numbers), best = shares.indexOf(Math.max(...shares));
        inside("says").innerHTML = `<b>${best}</b> <span>${percent(shares[best])} sure</span>`;
        [...inside("bars").children].forEach((bar, i) => {
          bar.style.setProperty("--share", shares[i]);
          bar.classList.toggle("best", i === best);
        });
        inside("bars").setAttribute("aria-label", shares.map((value, i) => `${i}: ${percent(value)}`).join(", "));
      }
      if (pair) root.dataset.answered = `${right} ${down}`;
    };
    const plan = () => {
      if (planned) return;
      planned = true;
      requestAnimationFrame(draw);
    };
    const limit = (value) => Math.max(-REACH, Math.min(REACH, Math.round(value)));
    const put = (x, y) => {
      [right, down] = [limit(x), limit(y)];
      plan();
    };

    for (const { inside, places } of sections) {
      inside("bars").replaceChildren(...Array.from({ length: CLASSES }, (_, i) => {
        const bar = document.createElement("span");
        bar.innerHTML = `<i></i>${i}`;
        return bar;
      }));
      const map = inside("map"), pixels = new ImageData(places.length, places.length);
      places.flat().forEach((value, i) => pixels.data.set([...look.magma(value), 255], 4 * i));
      map.getContext("2d").putImageData(pixels, 0, 0);
      const at = (event) => {
        const box = map.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((value) =>
          limit(Math.floor(value * places.length) - REACH));
      };
      map.addEventListener("pointermove", (event) => tellShares(...at(event)));
      map.addEventListener("pointerleave", () => tellShares(right, down));
      map.addEventListener("click", (event) => put(...at(event)));
    }

    let grip; // where the finger was, and where the digit lay then
    stage.addEventListener("pointerdown", (event) => {
      if (!digit) return;
      stage.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      event.preventDefault();
      grip = [event.clientX, event.clientY, right, down];
    });
    stage.addEventListener("pointermove", (event) => {
      if (!grip || !stage.hasPointerCapture(event.pointerId)) return;
      const scale = SIDE / stage.getBoundingClientRect().width, [x, y, fromRight, fromDown] = grip;
      put(fromRight + (event.clientX - x) * scale, fromDown + (event.clientY - y) * scale);
    });
    handle.addEventListener("keydown", (event) => {
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-right, -down] };
      if (!(event.key in ways)) return;
      event.preventDefault();
      const [x, y] = ways[event.key];
      put(right + x, down + y);
    });

    const take = (numbers, pressed) => {
      digit = numbers;
      [...part("samples").children].forEach((button, i) => button.setAttribute("aria-pressed", i === pressed));
      draw();
    };
    const wipe = () => {
      const context = drawing.getContext("2d");
      context.fillStyle = "#000";
      context.fillRect(0, 0, drawing.width, drawing.height);
    };
    const acts = {
      home: () => put(0, 0),
      clear: wipe,
      draw: (button) => {
        const hidden = part("sheet").toggleAttribute("hidden");
        button.setAttribute("aria-expanded", !hidden);
      },
    };
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) acts[button.dataset.act](button);
    });
    wipe();
    root.readDrawing = () => {
      const drawn = look.asDigit(drawing);
      if (drawn) take(drawn);
    };

    const strip = new Image();
    strip.onload = () => {
      const { data } = look.pixelsOf(strip, strip.naturalWidth, DIGIT);
      digits = Array.from({ length: CLASSES }, (_, k) => Float32Array.from({ length: DIGIT * DIGIT }, (_, i) =>
        data[4 * (Math.floor(i / DIGIT) * strip.naturalWidth + k * DIGIT + (i % DIGIT))] / 255));
      part("samples").replaceChildren(...digits.map((numbers, k) => {
        const button = document.createElement("button"), small = document.createElement("canvas");
        [small.width, small.height] = [DIGIT, DIGIT];
        small.getContext("2d").drawImage(strip, k * DIGIT, 0, DIGIT, DIGIT, 0, 0, DIGIT, DIGIT);
        button.type = "button";
        button.setAttribute("aria-label", `A handwritten ${k}`);
        button.append(small);
        button.addEventListener("click", () => take(numbers, k));
        return button;
      }));
      take(digits[described.first], described.first);
    };
    strip.src = `data:image/png;base64,${described.digits}`;

    // Both classifiers are fetched when the section comes near; a failed fetch may be tried again.
    const fetchPair = async () => {
      part("failed").textContent = "";
      try {
        const reply = await fetch(`${window.gradio_config?.root ?? ""}/classifiers/shift-pair`);
        if (!reply.ok) throw new Error(reply.status);
        pair = look.readShiftPair(await reply.arrayBuffer());
        draw();
      } catch {
        part("failed").innerHTML = 'The two networks could not be fetched. Check your connection. <button type="button">Try again</button>';
        part("failed").querySelector("button").addEventListener("click", fetchPair);
      }
    };
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      fetchPair();
    }, { rootMargin: "800px" });
    seen.observe(root);
  };

  look.drawOn?.('.moved-digit [data-part="drawing"]', {
    ink: () => ({ strokeStyle: "#fff", lineWidth: 22 }), done: (sheet) => sheet.closest(".moved-digit").readDrawing(),
  });
})();
