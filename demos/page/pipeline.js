// The section Prepare: reads the steps in their order, asks the server for the pictures, and writes the link.
(() => {
  const look = (window.justLook ??= {});
  const PAUSE_MS = 60; // after a movement, before the server is asked
  const QUIET_MS = 900; // after the last answer, before it is read out

  const all = (selector, place = document) => [...place.querySelectorAll(selector)];
  const find = (selector, place = document) => place.querySelector(selector);
  const rows = () => all(".pipeline [data-step]");
  const isOn = (row) => find("[type=checkbox]", row).checked;
  const sliders = (row) => all("[type=range]", row);
  const values = (row) => Object.fromEntries(sliders(row).map(({ dataset, value }) => [dataset.setting, Number(value)]));
  const photo = () => find('.pipeline-photos [aria-pressed="true"]')?.dataset.photo ?? "";
  const say = (text) => { find(".pipeline > .note[role=status]").textContent = text; };

  // A step's settings as media/preprocessing.py names them.
  const settings = (row) => {
    const given = values(row);
    switch (row.dataset.step) {
      case "crop": return { crop: [given.left / 100, given.top / 100, 1 - given.right / 100, 1 - given.bottom / 100] };
      case "scale": return { scale: given.scale / 100 };
      case "background": return { cut_out: true };
      case "greyscale": return { greyscale: true };
      default: return given;
    }
  };

  // The link: the photo and the steps that are on, in their order, as crop:10,0,5,0;rotate:30;greyscale
  const written = () => rows().filter(isOn)
    .map((row) => [row.dataset.step, sliders(row).map(({ value }) => value).join(",")].filter(Boolean).join(":")).join(";");
  const link = () => {
    const query = new URLSearchParams({ tab: "see", way: "preprocess", ...(photo() && { photo: photo() }), steps: written() });
    return `${new URL(".", location.href).href}?${query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%3B", ";")}`;
  };

  let asked = 0, waiting, saving = false;
  const send = () => {
    const field = find("#pipeline-asked :is(textarea, input)");
    if (!field) return;
    asked += 1;
    field.value = JSON.stringify({ number: asked, photo: photo(), steps: rows().filter(isOn).map(settings), png: saving });
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const ask = () => {
    fill();
    clearTimeout(waiting);
    waiting = setTimeout(send, PAUSE_MS);
  };

  const label = (slider) => {
    const text = `${slider.value}${slider.dataset.unit}`;
    slider.nextElementSibling.textContent = text;
    slider.setAttribute("aria-valuetext", text);
  };
  // Which steps are on, and which can't be moved any further.
  const show = () => rows().forEach((row, place, list) => {
    row.toggleAttribute("data-off", !isOn(row));
    for (const button of all("[data-move]", row)) {
      button.setAttribute("aria-disabled", place + Number(button.dataset.move) < 0 || place + Number(button.dataset.move) >= list.length);
    }
  });
  const set = (slider, value) => { slider.value = value; label(slider); };
  const choose = (name) => {
    for (const button of all(".pipeline-photos [data-photo]")) button.setAttribute("aria-pressed", button.dataset.photo === name);
    find("#pipeline-own")?.toggleAttribute("data-open", !name);
  };

  const move = (button) => {
    const row = button.closest("[data-step]"), list = row.parentElement, up = button.dataset.move === "-1";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row);
    else other.after(row);
    show();
    button.focus();
    say(`${find("label span", row).textContent} is now step ${[...list.children].indexOf(row) + 1} of ${list.children.length}.`);
    ask();
  };

  let first; // the steps as they are laid out: their order, and which are on
  const reset = () => {
    const list = find(".pipeline ol");
    for (const { name, on } of first) {
      const row = find(`[data-step="${name}"]`, list);
      list.append(row);
      find("[type=checkbox]", row).checked = on;
      for (const slider of sliders(row)) set(slider, slider.dataset.first);
    }
    show();
  };

  // Set what a link names. Throws a sentence where it makes no sense; then nothing has changed.
  const follow = (query) => {
    const steps = (query.get("steps") ?? "").split(";").filter(Boolean).map((part) => {
      const [name, text = ""] = part.split(":");
      const row = rows().find((other) => other.dataset.step === name);
      if (!row) throw new Error(`there is no step “${name.slice(0, 30)}”`);
      const given = text ? text.split(",").map(Number) : [], expected = sliders(row);
      if (given.length !== expected.length) throw new Error(`${name} needs ${expected.length} numbers`);
      expected.forEach(({ min, max }, place) => {
        if (!(given[place] >= Number(min) && given[place] <= Number(max))) throw new Error(`${name} takes numbers from ${min} to ${max}`);
      });
      return { row, given };
    });
    const wanted = query.get("photo");
    if (wanted && !find(`.pipeline-photos [data-photo="${CSS.escape(wanted)}"]`)) throw new Error(`there is no photo “${wanted.slice(0, 30)}”`);
    if (new Set(steps.map(({ row }) => row)).size < steps.length) throw new Error("a step is in it twice");
    if (query.has("steps")) {
      const list = find(".pipeline ol");
      for (const row of rows()) find("[type=checkbox]", row).checked = false;
      for (const { row, given } of [...steps].reverse()) {
        list.prepend(row);
        find("[type=checkbox]", row).checked = true;
        sliders(row).forEach((slider, place) => set(slider, given[place]));
      }
    }
    if (wanted) choose(wanted);
    show();
  };

  // The link and the script, whenever something has changed.
  const fill = () => {
    const part = find("#pipeline-again"), answer = find(".pipeline-answer");
    if (!part || !answer) return;
    find("input", part).value = link();
    find("pre", part).textContent = answer.dataset.script.replaceAll("{address of the app}", new URL(".", location.href).href);
    find("[data-left-out]", part).hidden = Boolean(photo());
    find("[data-checkout]", part).hidden = !answer.dataset.script.includes("from models.");
  };

  // Let the bars grow from where they were, read the answer out when it stays, and save the file that was asked for.
  let shares = {}, reading;
  const take = (answer) => {
    const bars = all(".guesses li", answer);
    const now = Object.fromEntries(bars.map((bar) => [bar.dataset.label, bar.style.getPropertyValue("--share")]));
    for (const bar of bars) bar.style.setProperty("--share", shares[bar.dataset.label] ?? 0);
    answer.getBoundingClientRect(); // the browser takes note of these lengths, and goes on from them
    for (const bar of bars) bar.style.setProperty("--share", now[bar.dataset.label]);
    shares = now;
    fill();
    clearTimeout(reading);
    if (asked) reading = setTimeout(() => { find(".pipeline > .spoken").textContent = answer.dataset.summary; }, QUIET_MS);
    if (answer.dataset.png && saving) {
      saving = false;
      const bytes = Uint8Array.from(atob(answer.dataset.png.split(",")[1]), (sign) => sign.charCodeAt(0));
      look.save("preprocessed.png", new Blob([bytes], { type: "image/png" }));
    }
  };

  const query = new URLSearchParams(location.search);
  const linked = query.get("tab") === "see" && query.get("way") === "preprocess" && (query.has("steps") || query.has("photo"));
  let began = false, taken;
  const plan = look.afterChanges(() => {
    const steps = find(".pipeline"), answer = find(".pipeline-answer");
    if (!steps || !answer || !find("#pipeline-asked :is(textarea, input)") || !find(".pipeline-photos")) return;
    if (!began) {
      began = true;
      first = rows().map((row) => ({ name: row.dataset.step, on: isOn(row) }));
      all(".pipeline [type=range]").forEach(label);
      show();
      if (linked) {
        try {
          follow(query);
          ask();
        } catch (error) {
          say(`The link was not used: ${error.message}.`);
        }
      }
    }
    if (answer.dataset.number !== taken) {
      taken = answer.dataset.number;
      take(answer);
    }
  });

  // Gradio may change an answer in place: then its number changes, and no part of the document.
  new MutationObserver(plan).observe(document, { subtree: true, attributeFilter: ["data-number"] });

  // The photo field changed: a new one is used at once; when it is empty again, a sample takes its place.
  look.ownPhoto = (picture) => {
    if (picture) choose("");
    else if (!photo()) choose(find(".pipeline-photos [data-photo]").dataset.photo);
    else return;
    find("#pipeline-own").toggleAttribute("data-open", true);
    ask();
  };

  addEventListener("input", (event) => {
    const slider = event.target.closest?.(".pipeline [type=range]");
    if (slider) label(slider);
    if (slider || event.target.closest?.(".pipeline [type=checkbox]")) {
      show();
      ask();
    }
  });
  addEventListener("click", (event) => {
    const button = event.target.closest?.(".pipeline button, .pipeline-photos button, #pipeline-take-away [data-save]");
    if (!button) return;
    if (button.dataset.move) move(button);
    if ("reset" in button.dataset) { reset(); ask(); }
    if ("save" in button.dataset) { saving = true; ask(); }
    if (button.dataset.photo === "" && !find("#pipeline-own img")) find("#pipeline-own").toggleAttribute("data-open"); // for a photo to come
    else if ("photo" in button.dataset) { choose(button.dataset.photo); ask(); }
  });
})();
