// The counter of parameters: sizes move, and the numbers, the formulas and the bars follow, without a request.
(() => {
  const all = (selector, place) => [...place.querySelectorAll(selector)];
  const comma = (number) => number.toLocaleString("en-US", { maximumFractionDigits: 0 });
  const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

  const memory = (count) => { // of numbers of four bytes each
    const size = 4 * count, power = Math.min(5, Math.floor(Math.floor(Math.log10(size)) / 3)), value = size / 1000 ** power;
    return `${value.toFixed(value >= 100 || power === 0 ? 0 : 1)} ${UNITS[power]}`;
  };
  const times = (factor) => `${factor >= 10 ? comma(factor) : factor.toFixed(2)} times`;

  const read = (root) => Object.fromEntries(all("[data-size]", root)
    .map(({ dataset, value }) => [dataset.size, Number(dataset.values.split(",")[value])]));

  // The same formulas as in demos/see/parameters.py.
  const count = ({ side, channels, units, kernel, filters }) => {
    const inputs = side ** 2 * channels, maps = side ** 2 * filters, under = kernel ** 2 * channels;
    return {
      inputs, maps, connected: (inputs + 1) * units, convolution: (under + 1) * filters, sameMaps: (inputs + 1) * maps,
      multiplications: under * maps,
    };
  };

  const show = (root) => {
    const find = (selector) => root.querySelector(selector);
    const sizes = read(root), counts = count(sizes), { side, channels, units, kernel, filters } = sizes;
    for (const slider of all("[data-size]", root)) {
      const text = slider.dataset.written.replaceAll("{0}", comma(sizes[slider.dataset.size]));
      slider.nextElementSibling.textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }
    const square = `${comma(side)} × ${comma(side)}`, colours = channels > 1 ? `${comma(side ** 2)} pixels, × ${channels} channels = ` : "";
    find("[data-inputs]").innerHTML = `${square} = ${colours}<b>${comma(counts.inputs)} inputs</b>`; // numbers only
    const formulas = {
      convolution: `(${kernel} × ${kernel} × ${channels} weights + 1 bias) × ${comma(filters)} filters`,
      connected: `(${comma(counts.inputs)} weights + 1 bias) × ${comma(units)} units`,
    };
    const longest = Math.max(counts.convolution, counts.connected), log = find("[data-log]").checked;
    const shares = {};
    for (const bar of all("[data-bar]", root)) {
      const name = bar.dataset.bar, number = counts[name];
      shares[name] = log ? Math.log10(number) / Math.log10(longest) : number / longest;
      bar.querySelector("b").textContent = comma(number);
      bar.querySelector("small").textContent = memory(number);
      bar.querySelector("[data-formula]").textContent = formulas[name];
      bar.querySelector("i").style.setProperty("--share", shares[name]);
    }
    const width = find("[data-bar] div").clientWidth, shortest = Math.min(shares.convolution, shares.connected) * width;
    const digits = shortest >= 1 ? 0 : Math.min(6, 1 - Math.floor(Math.log10(shortest)));
    find("[data-scale]").textContent = log
      ? "From 1 on the left; each step of the same length multiplies by the same number."
      : width ? `To scale: the longer bar has ${comma(width)} pixels, the shorter one ${shortest.toFixed(digits)}${shortest < 0.5 ? ", too few to be seen" : ""}.` : "";
    find("[role=status]").textContent = `The fully connected layer has ${times(counts.connected / counts.convolution)} as many parameters. ` +
      `With as many outputs as the convolution, ${comma(counts.maps)}, it would have ${comma(counts.sameMaps)}: ${memory(counts.sameMaps)}.`;
    find("[data-reuse]").textContent = `The convolution uses each of its weights at ${comma(side ** 2)} places. So it saves parameters and ` +
      `not work: it multiplies ${comma(counts.multiplications)} times.`;
  };

  const follow = ({ target }) => {
    const root = target.closest?.(".parameters");
    if (root) show(root);
  };
  addEventListener("input", follow);
  // The bars have no length before their tab is open, so the sentence about it waits for that; it changes with the page's width.
  const sized = new ResizeObserver((entries) => { for (const { target } of entries) show(target); });
  const plan = justLook.afterChanges(() => {
    for (const root of all(".parameters:not([data-watched])", document)) {
      root.dataset.watched = "";
      sized.observe(root);
    }
  });
  plan(); // for what is there already
})();
