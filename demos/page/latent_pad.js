// The map of the GAN tab: a plane through the latent space, drawn in the page, and the sample under the finger.
(() => {
  const look = (window.justLook ??= {});
  const REACH = 3; // from the middle of the map to its edge, in standard deviations of z
  const STEP = 0.1; // of an arrow key
  const LARGE = 8; // MB of a generator: a larger one is fetched if the visitor asks for it

  // Places on the map as columns and rows from its middle, outwards. A large picture takes long: there are fewer.
  const placesFor = ({ size }) => {
    const side = size > 64 ? 5 : 7, middle = (side - 1) / 2;
    const places = Array.from({ length: side * side }, (_, k) => [k % side - middle, Math.floor(k / side) - middle]);
    places.sort(([ax, ay], [bx, by]) => Math.hypot(ax, ay) - Math.hypot(bx, by));
    return { side, middle, places };
  };

  const begin = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const status = part("status"), point = part("point"), mapCanvas = part("map"), button = part("fetch");
    let sample; // the held sample as the server describes it: its z, its generator, sets of directions
    let network, step, at, axes; // `axes`: the chosen set; the first two are the map's
    let moved = false; // since the picture was last drawn
    let map = { places: [] }, next = 0, turn = 0; // the place to draw next, and which filling of the map this is

    const latent = (across, up, others) => sample.z.map((value, i) => value + across * axes[0].vector[i] +
      up * axes[1].vector[i] + others.reduce((sum, amount, k) => sum + amount * axes[k + 2].vector[i], 0));

    const paint = (canvas, pixels, x = 0, y = 0) => canvas.getContext("2d").putImageData(pixels, x, y);

    const here = () => latent(at.across, at.up, at.others);
    const position = () => [at.across, at.up, ...at.others].map((amount) => amount.toFixed(2)).join(" ");
    const paintPicture = (pixels, place) => {
      paint(part("picture"), pixels);
      root.dataset.drawn = place;
    };

    const drawPicture = async () => {
      const drawn = network, place = position();
      moved = false;
      const pixels = await look.generator.pixels(drawn, here());
      if (drawn === network) paintPicture(pixels, place); // else another one was chosen meanwhile
    };

    // Where the page itself can draw: now, while a place of the map may be on its way. Returns whether it did.
    const drawPictureAtOnce = () => {
      const pixels = network && look.generator.atOnce(network, here());
      if (!pixels) return false;
      moved = false;
      paintPicture(pixels, position());
      return true;
    };

    const drawPlace = async () => {
      const [x, y] = map.places[next], far = (2 * REACH) / map.side, mine = turn, { size } = network;
      next += 1;
      const pixels = await look.generator.pixels(network, latent(x * far, -y * far, at.others));
      if (mine !== turn) return;
      paint(mapCanvas, pixels, (x + map.middle) * size, (y + map.middle) * size);
      if (next === map.places.length) root.dataset.map = turn;
    };

    // One picture at a time: of the newest position, or else of the map's next place. So no picture comes after a newer
    // one, and a finger waits for one place of the map at most.
    let busy = false;
    const draw = async () => {
      if (busy) return;
      busy = true;
      try {
        while (network && (moved || next < map.places.length)) await (moved ? drawPicture() : drawPlace());
      } finally {
        busy = false;
      }
    };

    const move = () => {
      point.style.left = `${50 + (50 * at.across) / REACH}%`;
      point.style.top = `${50 - (50 * at.up) / REACH}%`;
      moved = true;
      if (!drawPictureAtOnce()) draw();
    };

    const drawMap = () => {
      turn += 1;
      next = 0;
      draw();
    };

    // A button to fetch a large generator, or any that failed; where there is nothing to see yet, it stands alone.
    const offer = (text, { coming = false } = {}) => {
      part("offer").hidden = !text;
      root.toggleAttribute("data-empty", Boolean(text) && !network);
      button.textContent = text;
      button.setAttribute("aria-disabled", coming);
      part("coming").hidden = !coming;
      if (text) status.textContent = "";
    };
    const megabytes = () => Math.max(1, Math.round(sample.megabytes));
    const show = (bytes) => {
      root.querySelector("progress").value = bytes / 1e6 / sample.megabytes;
      part("amount").textContent = `${Math.min(megabytes(), Math.round(bytes / 1e6))} of ${megabytes()} MB`;
    };

    const address = () => `${window.gradio_config?.root ?? ""}/generators/${sample.model}/${step}`;
    const open = async (agreed = false) => {
      const url = address(), large = sample.megabytes > LARGE;
      if (large && !agreed && !look.generator.isOpen(url)) {
        offer(`Draw it on my device (${megabytes()}\u00a0MB)`);
        return;
      }
      offer(large ? "On its way" : "", { coming: large });
      show(0);
      let opened;
      try {
        opened = await look.generator.load(url, (bytes) => { if (url === address()) show(bytes); });
        if (url !== address()) return; // another one was chosen meanwhile
      } catch {
        if (url !== address()) return;
        offer(`Try again (${megabytes()}\u00a0MB)`);
        status.textContent = "This generator could not be fetched. Check your connection, then try again.";
        return;
      }
      network = opened;
      map = placesFor(network);
      const pixels = map.side * network.size; // setting a canvas's size clears it
      if (mapCanvas.width !== pixels) mapCanvas.width = mapCanvas.height = pixels;
      [part("picture").width, part("picture").height] = [network.size, network.size];
      const focused = document.activeElement === button;
      offer("");
      status.textContent = `Drawn on your device: ${sample.title}, ` +
        `seed ${sample.seed}, sample ${sample.position}, after ${step.toLocaleString("en")} training steps.`;
      if (focused) point.focus({ preventScroll: true });
      move();
      drawMap();
    };
    button.addEventListener("click", () => { if (button.getAttribute("aria-disabled") !== "true") open(true); });

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
      const recipe = { model: sample.model, step, seed: sample.seed, sample: sample.position, z: here() };
      copy.toBlob(async (blob) => look.save(
        `${sample.model}-seed-${sample.seed}-sample-${sample.position}.png`, await look.noted(blob, recipe, "generated"),
      ));
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
