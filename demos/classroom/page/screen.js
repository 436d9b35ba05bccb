// The big screen: shows what the class sees, the answers as they come, and the truth once the teacher goes on.
// The browser that opened the room steers here too: arrow keys, Page Up and Down (as a presenter sends them), B, F, O.
(() => {
  const { root, Refused, storage, post, listen, make, bars, pictures, counted, spaced } = window.room;
  const part = (id) => document.getElementById(id);
  const token = location.hash.slice(1), address = part("screen").dataset.address;
  const host = address.replace(/^https?:\/\//, "");
  let state = null, shown = "";

  const lobby = () => [make("div", { className: "lobby" },
    make("img", { src: `${root}class/screens/${token}/code.svg`, alt: "QR code that opens this class on a phone", width: 400, height: 400 }),
    make("div", {}, make("h1", {}, "Join with your phone"), make("p", { className: "where" }, `Scan the code, or open ${host}/class and type`),
      make("p", { className: "code" }, spaced(state.code))))];

  const slide = () => [
    make("p", { className: "number" }, `${state.number} of ${state.steps}`), make("h1", {}, state.slide),
    make("p", { className: "says" }, state.says), make("p", { className: "did" }, state.did),
    make("a", { className: "button", href: `${root}./${state.open}`, target: "just-look-app" }, "Open it in the app (O)"),
    make("p", { className: "paper" }, `${state.paper.authors}, ${state.paper.year}: ${state.paper.title}`)];

  const barsOrWords = () => state.bars ? bars(state) : make("p", { className: "hidden-bars" }, "The answers stay hidden until the truth is shown.");
  const asked = () => {
    const words = state.truth ? [make("p", { className: "words" }, state.truth.words)] : [];
    return [make("h2", {}, state.question.asks), make("div", { className: "asked" }, pictures(state, state.room), make("div", {}, ...words, make("div", { id: "bars" }, barsOrWords())))];
  };

  const show = (next) => {
    state = next;
    part("where").textContent = `${host}/class`;
    part("code").textContent = spaced(state.code ?? "");
    const open = !["lobby", "ended"].includes(state.kind);
    part("joining").hidden = !open;
    if (open && !part("small-code").src) part("small-code").src = `${root}class/screens/${token}/code.svg`;
    part("phones").textContent = state.kind === "ended" ? "" : counted(state.phones, "phone");
    part("answers").textContent = state.question ? counted(state.answers) : "";
    const looks = JSON.stringify([state.kind, state.view]);
    if (looks === shown && state.question) { // only the bars change: the pictures stay where they are
      const fresh = barsOrWords(), there = document.querySelector("#bars .answers");
      if (state.bars && there) update(there, fresh);
      else part("bars").replaceChildren(fresh);
      return;
    }
    if (looks === shown) return;
    shown = looks;
    part("view").replaceChildren(...{ lobby, slide, question: asked, truth: asked, ended: () => [make("h1", {}, "The lesson is over"), make("p", { className: "says" }, "Thank you for your answers.")] }[state.kind]());
    part("announced").textContent = state.truth ? state.truth.words : state.question?.asks ?? state.slide ?? "";
  };

  // Move the bars that are there, so that they grow.
  const update = (there, fresh) => {
    const items = there.querySelectorAll("li");
    fresh.querySelectorAll("li").forEach((item, place) => {
      items[place].style.cssText = item.style.cssText;
      for (const name of [".count", ".visually-hidden"]) items[place].querySelector(name).textContent = item.querySelector(name).textContent;
      const interval = item.querySelector(".interval"), track = items[place].querySelector(".track");
      if (interval && !track.querySelector(".interval")) track.append(interval);
    });
    const mean = fresh.querySelector(".mean"), before = there.querySelector(".mean");
    if (mean && before) before.style.cssText = mean.style.cssText;
    else if (mean) there.querySelector("ol").after(mean);
    there.querySelector("p").textContent = fresh.querySelector("p").textContent;
  };

  const teacher = () => state && storage.get(`just-look-teacher:${state.code}`);
  const steer = (path, body) => { const key = teacher(); if (key) post(path, { code: state.code, teacher: key, ...body }).catch((error) => { part("lost").hidden = error instanceof Refused; }); };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, a, button") && event.key === "Enter") return;
    const act = {
      ArrowRight: () => steer("teach/move", { to: "next" }), PageDown: () => steer("teach/move", { to: "next" }), " ": () => steer("teach/move", { to: "next" }),
      ArrowLeft: () => steer("teach/move", { to: "back" }), PageUp: () => steer("teach/move", { to: "back" }),
      b: () => state?.question && steer("teach/bars", { bars: !state.bars_live }), f: () => document.documentElement.requestFullscreen?.(),
      o: () => document.querySelector("#view a.button")?.click(),
    }[event.key];
    if (!act || event.repeat) return;
    event.preventDefault();
    act();
  });

  listen(`class/screens/${token}/events`, show, (lost) => { part("lost").hidden = !lost; }, () => {
    part("joining").hidden = true;
    part("view").replaceChildren(make("h1", {}, "This room is closed"), make("p", { className: "says" }, "Open a new one on the teacher's page."));
  });
})();
