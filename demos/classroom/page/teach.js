// The teacher's page: opens a room, steps through the lecture, and shows the notes that the class does not see.
(() => {
  const { root, Refused, storage, post, listen, make, bars, counted, spaced } = window.room;
  const part = (id) => document.getElementById(id);
  const { name, signIn, address } = part("teach").dataset;
  const KEY = "just-look-teacher:";
  let code = "", teacher = "", views = [], state = null;

  const wrong = (error) => { for (const line of document.querySelectorAll(".wrong")) line.textContent = error ? error.message : ""; };
  const act = async (path, body = {}) => {
    try {
      const reply = await post(path, { code, teacher, ...body });
      wrong(null);
      return reply;
    } catch (error) {
      wrong(error instanceof Refused ? error : new Error(error.message.startsWith("The ") ? error.message : "The server can't be reached: try again."));
      return null;
    }
  };
  const go = (to) => act("teach/move", { to });

  const show = (next) => {
    state = next;
    const here = views.findIndex((view) => view.view === state.view), view = views[here] ?? views[0], coming = views[here + 1];
    const words = { lobby: "Phones join", slide: "Slide", question: "Question: the class answers", truth: "The truth is on the screen" };
    part("place").textContent = state.kind === "ended" ? "" : `${words[view.kind]}${state.number ? ` · ${state.number} of ${state.steps}` : ""}`;
    part("slide").textContent = state.kind === "ended" ? "The room is closed" : view.slide;
    part("notes").textContent = state.kind === "ended" ? "The answers can still be downloaded below." : state.truth?.words ?? (view.kind === "question" ? state.question.asks : view.notes);
    part("to-app").hidden = !view.open || state.kind === "ended";
    part("to-app").href = `${root}./${view.open}`;
    part("coming").textContent = coming ? `Next: ${coming.kind === "slide" ? coming.slide : coming.kind === "question" ? "the question" : "the truth"}` : "This is the last step.";
    part("phones").textContent = state.phones === undefined ? "" : `${counted(state.phones, "phone")} here`;
    part("answers").textContent = state.question ? counted(state.answers) : "";
    part("bars").replaceChildren(...(state.question && state.bars ? [bars(state)] : []));
    part("jump").value = state.view;
    part("toggle").textContent = state.bars_live === false ? "Show answers as they come" : "Hide answers until the truth";
    part("toggle").hidden = !state.question;
    part("back").disabled = here <= 0 || state.kind === "ended";
    part("next").disabled = !coming || state.kind === "ended";
  };

  const teach = async (known, key) => {
    code = known;
    teacher = key;
    const reply = await act("teach/state");
    if (!reply) { storage.drop(KEY + known); part("open").hidden = false; part("again").value = known; return; }
    const room = await reply.json();
    views = room.views;
    storage.set(KEY + room.code, teacher);
    history.replaceState(null, "", `?room=${room.code}`);
    part("open").hidden = true;
    part("room").hidden = false;
    part("code").textContent = spaced(room.code);
    part("to-screen").href = `${root}class/screen#${room.screen}`;
    part("local").hidden = !/^https?:\/\/(localhost|127\.|\[::1\])/.test(address);
    const labels = { lobby: "", slide: "", question: " – question", truth: " – truth" };
    part("jump").replaceChildren(...views.map((view) => make("option", { value: view.view }, view.slide + labels[view.kind])));
    listen(`class/screens/${room.screen}/events`, show, (lost) => { part("lost").hidden = !lost; }, () => show({ kind: "ended", view: "lobby" }));
  };

  part("open").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const reply = await (await post("teach/open", { token: part("token").value, code: part("again").value.trim() })).json();
      part("token").value = "";
      wrong(null);
      await teach(reply.code, reply.teacher);
    } catch (error) { wrong(error instanceof Refused ? error : new Error("The server can't be reached: try again.")); }
  });
  part("next").addEventListener("click", () => go("next"));
  part("back").addEventListener("click", () => go("back"));
  part("jump").addEventListener("change", ({ target }) => go(target.value));
  part("toggle").addEventListener("click", () => act("teach/bars", { bars: state.bars_live === false }));
  part("end").addEventListener("click", () => { if (confirm("Close the room? Phones can't answer any more.")) act("teach/end"); });
  part("save").addEventListener("click", async () => {
    const reply = await act("teach/answers", { form: "csv" });
    if (!reply) return;
    const link = make("a", { href: URL.createObjectURL(await reply.blob()), download: `class-${code}.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  addEventListener("keydown", (event) => {
    if (!state || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, select, textarea")) return;
    const key = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back" }[event.key];
    if (key) { event.preventDefault(); go(key); }
    if (event.key === "b" && state.question) part("toggle").click();
    if (event.key === "o") part("to-app").click();
  });

  part("sign-in").hidden = signIn !== "true" || Boolean(name);
  if (name) { part("known").hidden = false; part("known").textContent = `You are signed in as ${name}.`; }
  const known = new URLSearchParams(location.search).get("room") ?? "", key = storage.get(KEY + known);
  if (known && key) teach(known, key);
  else { part("open").hidden = false; part("again").value = known; }
})();
