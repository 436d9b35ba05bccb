// What the phone, the screen and the teacher's page share: requests, the stream of a room's states, and bars.
(() => {
  const root = document.body.dataset.root;
  const LOST_MS = 10_000; // a page that was hidden for longer asks anew: its stream may be dead without knowing it

  class Refused extends Error {}

  const memory = new Map(); // where the browser refuses storage, a reload forgets
  const storage = {
    get(key) { try { return localStorage.getItem(key); } catch { return memory.get(key) ?? null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { memory.set(key, value); } },
    drop(key) { try { localStorage.removeItem(key); } catch { memory.delete(key); } },
    keys() { try { return Object.keys(localStorage); } catch { return [...memory.keys()]; } },
  };

  // Throws `Refused` with the server's sentence, or another error where the server can't be reached or is busy.
  const post = async (path, body) => {
    const response = await fetch(root + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(20_000),
    });
    if (response.ok) return response;
    const { refused } = await response.json().catch(() => ({}));
    if (refused && response.status < 500) throw new Refused(refused);
    throw new Error(refused ?? `The server answered ${response.status}.`);
  };

  // Call `show` with each state of a room, for ever: after a lost connection the whole state comes again.
  const listen = (path, show, lost, gone) => {
    let source, timer, hidden = 0;
    const open = () => {
      clearTimeout(timer);
      source?.close();
      source = new EventSource(root + path);
      source.onmessage = ({ data }) => {
        const state = JSON.parse(data);
        lost(false);
        if (state.kind === "ended") source.close();
        show(state);
      };
      source.onerror = async () => {
        lost(true);
        if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
        const aborter = new AbortController();
        const status = await fetch(root + path, { cache: "no-store", signal: aborter.signal }).then((reply) => reply.status, () => 0);
        aborter.abort();
        if (status === 404) { source.close(); lost(false); return gone(); }
        timer = setTimeout(open, 1_000 + 2_000 * Math.random());
      };
    };
    addEventListener("online", open);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) hidden = Date.now();
      else if (Date.now() - hidden > LOST_MS) open();
    });
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", ({ persisted }) => { if (persisted) open(); });
    open();
  };

  const make = (tag, fields = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), fields);
    element.append(...children);
    return element;
  };

  const percent = (share) => `${Math.round(100 * share)} %`;
  const counted = (number, thing = "answer") => `${number} ${thing}${number === 1 ? "" : "s"}`;
  const spaced = (code) => `${code.slice(0, 3)} ${code.slice(3)}`;

  // The class's answers: a bar for each, its share, the ends of its interval, and which of them is right.
  const bars = (state) => {
    const { question, bars: rows = [], truth, mean, answers = 0 } = state;
    const many = rows.length > 8;
    const longest = many ? Math.max(...rows.map((row) => row.share), 0.2) : 1;
    const labels = new Map(question.options);
    const list = make("ol", { className: many ? "bars columns" : "bars" });
    list.style.setProperty("--label", `${0.56 * Math.max(...rows.map((row) => labels.get(row.option).length)) + 1.5}em`);
    for (const row of rows) {
      const item = make("li", { className: truth?.expected === row.option ? "right" : "" });
      item.style.setProperty("--share", row.share / longest);
      item.style.setProperty("--low", Math.min(1, row.low / longest));
      item.style.setProperty("--high", Math.min(1, row.high / longest));
      const spoken = `${labels.get(row.option)}: ${counted(row.count)}${answers ? `, ${percent(row.share)}, between ${percent(row.low)} and ${percent(row.high)}` : ""}${truth?.expected === row.option ? ", the right answer" : ""}`;
      item.append(
        make("span", { className: "label", ariaHidden: "true" }, labels.get(row.option)),
        make("span", { className: "track", ariaHidden: "true" }, make("span", { className: "fill" }), answers && !many ? make("span", { className: "interval" }) : ""),
        make("span", { className: "count", ariaHidden: "true" }, many ? String(row.count || "") : `${row.count}${answers ? ` · ${percent(row.share)}` : ""}`),
        make("span", { className: "visually-hidden" }, spoken),
      );
      list.append(item);
    }
    const words = mean
      ? `On average the class says ${mean.mean.toFixed(1)} (95 % interval ${Math.max(0, mean.low).toFixed(1)} to ${mean.high.toFixed(1)}).`
      : many ? "With two answers the class has a mean, with its 95 % interval." : "The thin lines are 95 % intervals: with more answers they grow shorter.";
    const box = make("div", { className: "answers" }, list);
    if (mean) { // the class's mean with its interval, on the scale of the columns
      const place = (number) => `${100 * (Math.min(Math.max(number, 0), rows.length - 1) + 0.5) / rows.length}%`;
      const line = make("div", { className: "mean", ariaHidden: "true" }, make("span"), make("i"));
      for (const end of ["low", "mean", "high"]) line.style.setProperty(`--${end}`, place(mean[end]));
      box.append(line);
    }
    box.append(make("p", { className: "quiet" }, answers ? words : "No answers yet."));
    return box;
  };

  // Pictures of a question; with the truth, what each was.
  const pictures = (state, room) => {
    const { question, truth } = state;
    const row = make("div", { className: `pictures pictures-${question.pictures.length}` });
    question.pictures.forEach(({ id, alt }, place) => {
      const image = make("img", { alt, width: 264, height: 264, src: `${root}class/rooms/${room}/pictures/${id}` });
      image.addEventListener("error", () => setTimeout(() => { image.src = `${image.src.split("?")[0]}?${Date.now()}`; }, 1_500), { once: true });
      const label = question.kind === "pair" ? ["Left", "Right"][place] : question.kind === "count" ? "" : String(place + 1);
      const figure = make("figure", {}, image);
      const words = truth && question.kind !== "count" ? `${label}: ${truth.revealed[place]}` : label;
      if (truth && question.kind !== "count" && truth.expected === label) figure.className = "right";
      if (question.kind === "count" && truth) figure.append(marks(truth));
      if (words) figure.append(make("figcaption", {}, words));
      row.append(figure);
    });
    return row;
  };

  // Frames around the real ones of sixteen.
  const marks = ({ revealed, first }) => make("span", { className: "marks", ariaHidden: "true" },
    ...revealed.map((title) => make("span", { className: title === first ? "real" : "" })));

  window.room = { root, Refused, storage, post, listen, make, bars, pictures, counted, spaced };
})();
