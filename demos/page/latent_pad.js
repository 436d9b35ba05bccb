// The map of the GAN tab: a plane through the latent space, drawn in the page, and the sample under the finger.
(() => {
  const look = (window.justLook ??= {});
  const REACH = 3; // from the middle of the map to its edge, in standard deviations of z
  const CELLS = 7; // samples on a side of the map
  const STEP = 0.1; // of an arrow key

  const begin = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const status = part("status"), point = part("point"), mapCanvas = part("map");
    let sample; // the held sample as the server describes it: its z, its generator, sets of directions
    let network, step, at, axes, turn = 0; // `axes`: the chosen set; the first two are the map's

    const latent = (across, up, others) => sample.z.map((value, i) => value + across * axes[0].vector[i] +
      up * axes[1].vector[i] + others.reduce((sum, amount, k) => sum + amount * axes[k + 2].vector[i], 0));

    const paint = (canvas, pixels, x = 0, y = 0) => canvas.getContext("2d").putImageData(pixels, x, y);

    // One picture a frame at most, of the newest position.
    let waiting = false;
    const move = () => {
      point.style.left = `${50 + (50 * at.across) / REACH}%`;
      point.style.top = `${50 - (50 * at.up) / REACH}%`;
      if (waiting || !network) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        paint(part("picture"), look.generator.pixels(network, latent(at.across, at.up, at.others)));
        root.dataset.drawn = [at.across, at.up, ...at.others].map((amount) => amount.toFixed(2)).join(" ");
      });
    };

    // The map fills from its middle outwards, a sample at a time, so that the finger is never held up.
    const cells = Array.from({ length: CELLS * CELLS }, (_, k) => [k % CELLS, Math.floor(k / CELLS)]);
    const middle = (CELLS - 1) / 2;
    cells.sort(([ax, ay], [bx, by]) => Math.hypot(ax - middle, ay - middle) - Math.hypot(bx - middle, by - middle));
    const drawMap = () => {
      const mine = (turn += 1);
      if (!network) return; // it is on its way, and draws the map when it is there
      const { size } = network;
      if (mapCanvas.width !== CELLS * size) mapCanvas.width = mapCanvas.height = CELLS * size;
      let next = 0;
      const some = () => {
        if (mine !== turn) return;
        for (const until = performance.now() + 8; next < cells.length && performance.now() < until; next += 1) {
          const [x, y] = cells[next], far = (2 * REACH) / CELLS;
          const pixels = look.generator.pixels(network, latent((x - middle) * far, (middle - y) * far, at.others));
          paint(mapCanvas, pixels, x * size, y * size);
        }
        if (next < cells.length) setTimeout(some);
        else root.dataset.map = turn;
      };
      setTimeout(some);
    };

    const address = () => `${window.gradio_config?.root ?? ""}/generators/${sample.model}/${step}`;
    const open = async () => {
      const url = address();
      try {
        const opened = await look.generator.load(url);
        if (url !== address()) return; // another one was chosen meanwhile
        network = opened;
      } catch {
        if (url === address()) status.textContent = "This generator could not be fetched. The sliders above still work.";
        return;
      }
      [part("picture").width, part("picture").height] = [network.size, network.size];
      status.textContent = `Drawn on your device: ${sample.title}, ` +
        `seed ${sample.seed}, sample ${sample.position}, after ${step.toLocaleString("en")} training steps.`;
      move();
      drawMap();
    };

    const slider = (label, attributes, write, changed) => {
      const row = document.createElement("label"), name = document.createElement("span");
      const input = document.createElement("input"), value = document.createElement("output");
      Object.assign(input, { type: "range" }, attributes);
      const show = () => { value.textContent = write(Number(input.value)); };
      input.addEventListener("input", () => { show(); changed(Number(input.value)); });
      name.textContent = label;
      row.append(name, input, value);
      show();
      return row;
    };

    const lay = () => {
      const rows = at.others.map((amount, k) => slider(
        axes[k + 2].title, { min: -REACH, max: REACH, step: STEP, value: amount }, (value) => value.toFixed(1),
        (value) => { at.others[k] = value; move(); drawMap(); },
      ));
      if (sample.steps.length > 1) {
        rows.push(slider(
          "Training steps", { min: 0, max: sample.steps.length - 1, step: 1, value: sample.steps.indexOf(step) },
          (i) => sample.steps[i].toLocaleString("en"), (i) => { step = sample.steps[i]; open(); },
        ));
      }
      part("sliders").replaceChildren(...rows);
    };

    const home = () => {
      at = { across: 0, up: 0, others: Array(axes.length - 2).fill(0) };
      lay();
      move();
      drawMap();
    };

    // What the map and the sliders move along: one of the sets that the server describes.
    const choose = (name) => {
      const set = sample.sets[name];
      axes = set.axes;
      part("axes").textContent = `Left and right: ${axes[0].about}. Up and down: ${axes[1].about}.`;
    };
    part("set").addEventListener("change", () => { choose(part("set").value); home(); });

    root.take = (described) => {
      const other = !sample || sample.model !== described.model;
      sample = described;
      step = described.step;
      if (other) {
        network = undefined; // the map that is being drawn stops in `drawMap`
        part("set").replaceChildren(...Object.entries(sample.sets).map(([name, { title }]) => new Option(title, name)));
      }
      choose(part("set").value);
      home();
      open();
    };

    const limit = (value) => Math.max(-REACH, Math.min(REACH, value));
    const follow = (event) => {
      if (!at) return;
      const box = mapCanvas.getBoundingClientRect();
      at.across = limit(((event.clientX - box.left) / box.width - 0.5) * 2 * REACH);
      at.up = limit((0.5 - (event.clientY - box.top) / box.height) * 2 * REACH);
      move();
    };
    const stage = mapCanvas.parentElement;
    stage.addEventListener("pointerdown", (event) => {
      stage.setPointerCapture(event.pointerId);
      point.focus({ preventScroll: true });
      event.preventDefault();
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) follow(event); });
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    point.addEventListener("keydown", (event) => {
      if (!at || !(event.key in ways || event.key === "Home")) return;
      event.preventDefault();
      const [across, up] = ways[event.key] ?? [-at.across / STEP, -at.up / STEP];
      at.across = limit(at.across + across * STEP);
      at.up = limit(at.up + up * STEP);
      move();
    });
    part("home").addEventListener("click", () => { if (sample) home(); });
    part("save").addEventListener("click", () => {
      if (!network) return;
      const copy = document.createElement("canvas"), scale = Math.ceil(512 / network.size);
      copy.width = copy.height = network.size * scale;
      const context = copy.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(part("picture"), 0, 0, copy.width, copy.height);
      const link = document.createElement("a");
      link.download = `${sample.model}-seed-${sample.seed}-sample-${sample.position}.png`;
      link.href = copy.toDataURL("image/png");
      link.click();
    });
  };

  const query = new URLSearchParams(location.search);
  const linked = query.get("tab") === "gan" && (query.has("model") || query.has("seed"));

  // Start when the tab is first open: nothing is fetched for visitors of the other tabs.
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) { target.visible = true; look.refreshPad(); }
  }, { rootMargin: "4000px" }); // anywhere on the tab: a tab that is not open has no box
  look.refreshPad = () => {
    const root = document.querySelector(".latent-pad"), data = document.querySelector("#latent-pad-sample data");
    if (!root) return;
    if (!root.take) { begin(root); seen.observe(root); }
    if (!root.visible || !data || root.taken === data.value) return;
    if (data.hasAttribute("data-first") && linked) return; // the sample that the link names is on its way
    root.taken = data.value;
    root.take(JSON.parse(data.value));
  };
  new MutationObserver(look.refreshPad).observe(document, { childList: true, subtree: true, attributeFilter: ["value"] });
})();
