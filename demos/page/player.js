// Pictures along a training: play and scrub through what demos/gan/history/player_html.py wrote, without a request.
(() => {
  const PACE = 800; // milliseconds from one snapshot to the next
  const query = new URLSearchParams(location.search);
  const address = () => new URL(".", location.href).href;

  // The texts that bring a picture back: they name the app's address and the step on the page.
  const fill = (part, step) => {
    const texts = part.querySelectorAll("[data-text]");
    for (const place of texts) {
      const text = place.dataset.text.replaceAll("{address of the app}", address()).replaceAll("{step}", step ?? "");
      if (place.matches("input")) place.value = text;
      else place.textContent = text;
    }
  };

  const copy = async (button) => {
    const source = button.previousElementSibling, field = source.querySelector("input") ?? source;
    button.closest(".again").querySelector("[role=status]").textContent = await justLook.copy(field.value ?? field.textContent, field);
  };

  const places = new Map(); // where each player stood, for the one that takes its place

  // Gradio may change the elements of a player in place and take off what was set on them, so that it begins again:
  // handlers are properties, of which there is one each, and the earlier clock stops.
  const begin = (root) => {
    const played = root.halt?.();
    const steps = JSON.parse(root.dataset.steps), slider = root.querySelector('input[type="range"]');
    const play = root.querySelector('[data-part="play"]'), output = root.querySelector("output");
    const home = root.closest("[id]").id, earlier = places.get(home);
    let timer;

    const show = (at) => {
      const step = steps[at];
      slider.value = at;
      slider.setAttribute("aria-valuetext", `after ${step.toLocaleString("en")} training steps`);
      if (output) output.textContent = step.toLocaleString("en");
      for (const figure of root.querySelectorAll("figure[data-step]")) figure.hidden = Number(figure.dataset.step) !== step;
      for (const line of root.querySelectorAll("line.now")) {
        const x = Number(line.dataset.left) + (Number(line.dataset.wide) * step) / Number(line.dataset.end);
        line.setAttribute("x1", x);
        line.setAttribute("x2", x);
      }
      for (const part of root.querySelectorAll(".again")) fill(part, step);
      root.dataset.at = step;
      places.set(home, { steps: root.dataset.steps, at });
    };
    const stop = () => {
      clearInterval(timer);
      timer = undefined;
      play.textContent = "Play";
      play.setAttribute("aria-pressed", "false");
    };
    const next = () => {
      if (!root.isConnected || !root.checkVisibility() || document.hidden) return stop();
      const at = Number(slider.value) + 1;
      show(at);
      if (at >= steps.length - 1) stop();
    };
    const start = () => {
      if (Number(slider.value) >= steps.length - 1) show(0);
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      timer = setInterval(next, PACE);
    };
    root.halt = () => {
      const playing = timer !== undefined;
      clearInterval(timer);
      return playing;
    };
    if (play) play.onclick = () => (timer ? stop() : start());
    slider.oninput = () => { if (timer) stop(); show(Number(slider.value)); };
    root.querySelector('[data-part="save"]').onclick = () => {
      for (const picture of root.querySelectorAll("figure:not([hidden]) img[data-file]")) {
        Object.assign(document.createElement("a"), { href: picture.src, download: picture.dataset.file }).click();
      }
    };
    const linked = steps.indexOf(Number(query.get("at") ?? NaN));
    if (earlier?.steps === root.dataset.steps) show(earlier.at);
    else show(linked < 0 ? steps.length - 1 : linked);
    if (played && play && Number(slider.value) < steps.length - 1) start();
  };

  const refresh = () => {
    for (const root of document.querySelectorAll(".player:not([data-at])")) begin(root);
    for (const part of document.querySelectorAll(".again:not(.player .again):not([data-filled])")) {
      part.dataset.filled = "";
      fill(part);
    }
  };
  addEventListener("click", (event) => {
    const button = event.target.closest?.(".again [data-copy]");
    if (button) copy(button);
  });
  new MutationObserver(refresh).observe(document, { childList: true, subtree: true });
})();
