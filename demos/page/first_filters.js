// The 64 filters of VGG-19's first layer as pictures, and what the chosen one makes of the photo.
(() => {
  const look = (window.justLook ??= {});
  const SIDE = 256; // pixels of the photo's longer side here

  // The responses of a filter, 28 numbers, to pixels in RGBA, 0 … 255: with ReLU, the border reflected as VGG-19 does it.
  look.filterResponses = ({ data, width, height }, filter) => {
    const mirror = (i, size) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
    const responses = new Float32Array(width * height);
    const columns = Array.from({ length: width }, (_, x) => [-1, 0, 1].map((step) => 4 * mirror(x + step, width)));
    for (let y = 0; y < height; y++) {
      const rows = [-1, 0, 1].map((step) => 4 * width * mirror(y + step, height));
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let row = 0; row < 3; row++) {
          for (let column = 0; column < 3; column++) {
            const pixel = rows[row] + columns[x][column], weight = 3 * row + column;
            sum += data[pixel] * filter[weight] + data[pixel + 1] * filter[9 + weight] + data[pixel + 2] * filter[18 + weight];
          }
        }
        responses[y * width + x] = Math.max(0, sum / 255 + filter[27]);
      }
    }
    return responses;
  };

  // Magma, the colours of the feature maps that the server draws, at eight of its levels.
  const MAGMA = [[0, 0, 4], [35, 17, 81], [95, 24, 127], [152, 45, 128], [211, 67, 110], [248, 118, 92], [254, 187, 129], [252, 253, 191]];
  look.magma = (share) => {
    const at = Math.max(0, Math.min(1, share)) * (MAGMA.length - 1), low = Math.min(MAGMA.length - 2, Math.floor(at));
    return MAGMA[low].map((value, i) => Math.round(value + (at - low) * (MAGMA[low + 1][i] - value)));
  };

  const drawFilter = (canvas, filter) => { // all three colours at once, grey is 0
    const most = Math.max(...filter.slice(0, 27).map(Math.abs));
    const pixels = new ImageData(3, 3);
    for (let i = 0; i < 9; i++) {
      pixels.data.set([0, 9, 18].map((colour) => 127.5 + (127.5 * filter[colour + i]) / most).concat(255), 4 * i);
    }
    [canvas.width, canvas.height] = [3, 3];
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  };
  const drawApart = (canvas, filter) => { // the mixture, then red, green and blue in grey
    const most = Math.max(...filter.slice(0, 27).map(Math.abs));
    const pixels = new ImageData(15, 3);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const i = 3 * row + column, levels = [0, 9, 18].map((colour) => 127.5 + (127.5 * filter[colour + i]) / most);
        pixels.data.set([...levels, 255], 4 * (15 * row + column));
        levels.forEach((tone, colour) => pixels.data.set([tone, tone, tone, 255], 4 * (15 * row + 4 * (colour + 1) + column)));
      }
    }
    [canvas.width, canvas.height] = [15, 3];
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  };

  look.beginFilters = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const described = JSON.parse(root.parentElement.querySelector("data").value);
    const bytes = Uint8Array.from(atob(described.numbers), (letter) => letter.charCodeAt(0));
    const numbers = new Float32Array(bytes.buffer);
    const filters = described.words.map((_, i) => numbers.slice(28 * i, 28 * (i + 1)));
    let chosen = described.first, pixels;

    const buttons = filters.map((filter, i) => {
      const button = document.createElement("button"), canvas = document.createElement("canvas");
      Object.assign(button, { type: "button", title: `${i}: ${described.words[i]}` });
      button.setAttribute("role", "radio");
      button.setAttribute("aria-label", `Filter ${i}: ${described.words[i]}`);
      drawFilter(canvas, Array.from(filter));
      button.append(canvas);
      return button;
    });
    part("filters").replaceChildren(...buttons);

    const choose = (i) => {
      chosen = i;
      buttons.forEach((button, k) => {
        button.setAttribute("aria-checked", k === i);
        button.tabIndex = k === i ? 0 : -1;
      });
      drawApart(part("patch"), Array.from(filters[i]));
      draw();
    };
    const draw = () => {
      const words = `Filter ${chosen} responds to ${described.words[chosen]}.`;
      part("about").textContent = words;
      if (!pixels) return;
      const { width, height } = pixels, responses = look.filterResponses(pixels, filters[chosen]);
      const most = responses.reduce((best, value) => Math.max(best, value), 0), map = new ImageData(width, height);
      responses.forEach((value, i) => map.data.set([...look.magma(value / (most || 1)), 255], 4 * i));
      const canvas = part("map");
      [canvas.width, canvas.height] = [width, height];
      canvas.getContext("2d").putImageData(map, 0, 0);
      canvas.setAttribute("aria-label", `Where filter ${chosen} responds in the photo`);
      part("about").textContent = most ? `${words} Its strongest response to this photo is ${most.toFixed(1)}.` : `${words} It finds none in this photo.`;
      root.dataset.drawn = chosen;
      root.dataset.most = most;
    };

    part("filters").addEventListener("click", (event) => {
      const i = buttons.indexOf(event.target.closest("button"));
      if (i >= 0) choose(i);
    });
    part("filters").addEventListener("keydown", (event) => {
      const row = buttons.filter(({ offsetTop }) => offsetTop === buttons[0].offsetTop).length;
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
      const to = chosen + step;
      if (!step || to < 0 || to >= buttons.length) return;
      event.preventDefault();
      choose(to);
      buttons[to].focus();
    });

    root.takePhoto = (picture) => {
      const scale = Math.min(SIDE / Math.max(picture.naturalWidth, picture.naturalHeight), 1);
      pixels = look.pixelsOf(picture, Math.max(2, Math.round(picture.naturalWidth * scale)), Math.max(2, Math.round(picture.naturalHeight * scale)));
      const canvas = part("photo");
      [canvas.width, canvas.height] = [pixels.width, pixels.height];
      canvas.getContext("2d").putImageData(pixels, 0, 0);
      draw();
    };
    choose(chosen);

    // The deeper layers are the server's: it computes them when they are first in sight.
    const deeper = document.querySelector("#deeper-maps");
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      document.querySelector("button#deeper-look, #deeper-look button")?.click();
    }, { rootMargin: "600px" });
    if (deeper) seen.observe(deeper);
  };
})();
