// The rating panel: fetches ballots, shows them, and sends each answer until the server confirms it.
(() => {
  const look = window.justLook;
  const RANKING_EVERY_MS = 4_000;
  const PACE = "just-look-pace"; // whether the next pair comes by itself
  const PACE_MS = 3_000;
  const query = new URLSearchParams(location.search);
  const wanted = query.get("study");
  if (wanted) document.documentElement.classList.add("in-session"); // before the first paint: hides the other tabs

  // A rater's own link holds the secret behind the #, which browsers send to no server. It leaves the address bar.
  let brought = new URLSearchParams(location.hash.slice(1)).get("key");
  if (brought) history.replaceState(history.state, "", location.pathname + location.search);

  const SEVERAL = 8; // secrets that a browser keeps of one study: raters who share a device
  const secret = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // The letter or digit of a key. By its letter on every Latin keyboard; by its place where the keyboard writes other
  // letters (Cyrillic, Greek, Arabic), and for digits, which a French keyboard writes with Shift alone.
  const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10]; // Arabic, Persian, Devanagari, Bengali, Thai, full width
  const pressed = ({ key, code, shiftKey }) => {
    const letter = key.toLowerCase();
    if (/^[a-z0-9]$/.test(letter) || key.length > 2) return letter;
    const zero = ZEROS.find((first) => first <= key.codePointAt(0) && key.codePointAt(0) < first + 10);
    if (zero) return String(key.codePointAt(0) - zero);
    const [, digit] = /^(?:Digit|Numpad)([0-9])$/.exec(code) ?? [];
    if (digit) return shiftKey ? letter : digit;
    const [, place] = /^Key([A-Z])$/.exec(code) ?? [];
    return place && !/\p{Script=Latin}/u.test(key) ? place.toLowerCase() : letter;
  };

  const begin = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const [board, page, pair, message] = ["board", "page", "pair", "message"].map(part);
    const session = { study: wanted ?? root.dataset.study, rater: "", casual: !wanted };
    let current = null; // the ballot on the screen, with its clock
    let following = null; // a promise of the ballot after it
    let turn = 0; // counts the ballots that were shown, so that pictures that arrive late are dropped

    const key = () => (session.casual ? "just-look-rater" : `just-look-rater:${session.study}`);
    const others = () => (look.storage.get(`${key()}:all`) ?? "").split(" ").filter(Boolean);
    const own = () => `${location.origin}${location.pathname}${location.search}#key=${session.rater}`;

    // A session begins with a secret of this browser: if the server's reply is lost, the same request finds it again.
    const link = () => {
      let fresh = look.storage.get(`${key()}:fresh`);
      if (!fresh) look.storage.set(`${key()}:fresh`, (fresh = secret()));
      return { ...Object.fromEntries(query), kept: others(), fresh };
    };

    const keep = (rater) => {
      brought = null;
      session.rater = rater;
      const stays = look.storage.set(key(), rater);
      look.storage.set(`${key()}:all`, [rater, ...others().filter((other) => other !== rater)].slice(0, SEVERAL).join(" "));
      if (look.storage.get(`${key()}:fresh`) === rater) look.storage.drop(`${key()}:fresh`);
      if (!stays && !session.casual) history.replaceState(history.state, "", own()); // so that a reload goes on
    };
    const ready = (state) => { root.dataset.ballot = state; };

    const say = (text, kind = "") => {
      message.textContent = text;
      message.dataset.kind = kind;
    };
    let told = false; // whether the server has said why it does not answer
    const waiting = (lost, sentence) => {
      if (lost) say(sentence || "No connection. Your answer is kept here and sent as soon as there is one.", "lost");
      else if (told) say("");
      else say("Connected again: everything is stored.", "restored");
      told = lost && Boolean(sentence);
    };

    const ask = (action, ...data) => look.insist(waiting, `rating_${action}`, session.study, session.rater, ...data);

    // Every error shows its message and a button to try again.
    const safely = (work) => async (...given) => {
      try {
        await work(...given);
      } catch (error) {
        ready("stopped");
        say(error.message, "lost");
        const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Try again" });
        again.addEventListener("click", open);
        message.append(" ", again);
      }
    };

    const open = safely(async () => {
      turn += 1;
      following = null;
      session.rater = brought ?? look.storage.get(key()) ?? "";
      for (const answer of look.outbox.of(session.study, session.rater)) await send(answer);
      await show(await ask("open", link()));
    });

    const show = async (state) => {
      if (state.rater) keep(state.rater);
      if (state.studies) offer(state.studies);
      if (state.results) Object.assign(part("to-results"), { href: `?results=${state.results}`, hidden: false });
      if (state.ballot) await put(state.ballot);
      else read(state);
    };

    const offer = (studies) => {
      part("picker").replaceChildren(...studies.map(([name, title]) => new Option(title, name, false, name === session.study)));
      part("picker").parentElement.hidden = studies.length < 2;
    };

    // A page to read: consent, instructions, the end.
    const read = (state) => {
      current = null;
      ready("none");
      board.hidden = true;
      page.hidden = false;
      page.innerHTML = state.html;
      for (const field of page.querySelectorAll("[data-own-link]")) field.value = own();
      page.querySelector("h2")?.focus({ preventScroll: true });
      root.scrollIntoView({ block: "nearest" });
    };

    const put = async (ballot) => {
      const mine = (turn += 1);
      ready("loading");
      page.hidden = true;
      board.hidden = false;
      part("question").textContent = ballot.question;
      part("kicker").textContent = ballot.last ? "Your last answer" : "";
      part("reveal").replaceChildren();
      progress(ballot);
      answers(ballot);
      part("main").hidden = Boolean(ballot.best_worst);
      part("reason").value = ballot.last?.reason ?? "";
      part("reason-line").open = Boolean(part("reason").value);
      part("reason-line").hidden = !ballot.reasons;
      part("change").hidden = !ballot.can_change_last || Boolean(ballot.last);
      part("keep").hidden = !ballot.last;
      const pictures = await (ballot.decoded ?? look.pictures.prepare(ballot));
      if (mine !== turn) return;
      look.pictures.give(part("given"), ballot.given);
      const clock = await look.pictures.show(pair, pictures, ballot.exposure_ms);
      if (ballot.best_worst) look.bestWorst(pair, ballot.ballot, ballot.last?.choice, vote);
      current = { ...ballot, clock, looked: pictures };
      setTimeout(() => { if (mine === turn && root.dataset.ballot === "loading") ready("ready"); }, ballot.look_ms);
      following = ballot.last ? null : fetchNext(ballot.ballot);
    };

    // The next ballot is issued, drawn, sent and decoded while the rater looks at this one. If that fails, the rater
    // waits for it after the answer.
    const fetchNext = async (after) => {
      try {
        const { ballot } = await look.call("rating_ahead", session.study, session.rater, after);
        if (ballot) ballot.decoded = look.pictures.prepare(ballot);
        return ballot;
      } catch {
        return null;
      }
    };

    const progress = ({ index, total, training, pictures }) => {
      const bar = part("progress");
      bar.hidden = total === null;
      if (total === null) return;
      const unit = training ? "Practice" : { 1: "Picture", 2: "Pair" }[pictures.length] ?? "Four";
      bar.querySelector("span").textContent = `${unit} ${index + 1} of ${total}`;
      const meter = bar.querySelector("[role=progressbar]");
      meter.setAttribute("aria-valuemax", total);
      meter.setAttribute("aria-valuenow", index);
      meter.setAttribute("aria-valuetext", `${index} of ${total} answered`);
      meter.firstElementChild.style.width = `${(100 * index) / total}%`;
    };

    const answers = ({ answers: allowed, ballot, last }) => {
      for (const place of ["main", "other"]) {
        part(place).replaceChildren(...allowed.filter((answer) => answer.place === place).map(({ choice, label, key: letter }) => {
          const button = document.createElement("button");
          button.type = "button";
          Object.assign(button.dataset, { choice, key: letter, ballot });
          button.setAttribute("aria-keyshortcuts", letter);
          if (last) button.setAttribute("aria-pressed", choice === last.choice);
          button.append(label, Object.assign(document.createElement("kbd"), { textContent: letter.toUpperCase(), ariaHidden: "true" }));
          return button;
        }));
      }
    };

    const vote = safely(async (choice) => {
      if (root.dataset.ballot !== "ready") return; // the pictures are not shown yet, or the answer is on its way
      ready("voted");
      const answered = current;
      const answer = {
        study: session.study, rater: session.rater, ballot: answered.ballot, choice,
        response_ms: answered.clock(), reason: part("reason").value.trim() || null, correct: Boolean(answered.last),
      };
      look.outbox.keep(answer);
      const reply = await send(answer);
      if (!reply) return open();
      if (message.dataset.kind !== "restored") say(answer.correct ? "Your last answer is stored." : "");
      if (session.casual) {
        voted = true;
        refreshRanking();
      }
      if (!reply.html) return proceed();
      if (reply.labels) look.pictures.label(pair, reply.labels, reply.chosen);
      return reveal(reply.html);
    });

    const proceed = safely(async () => {
      const ballot = await following;
      if (ballot) return put(ballot);
      look.pictures.wait(pair);
      return show(await ask("open", link()));
    });

    // What the pictures were, or feedback, in the place of the answers until the rater goes on; by itself if so set.
    const reveal = (html) => {
      const mine = turn;
      part("reveal").innerHTML = html;
      ready("answered");
      part("invitation").hidden = true;
      const button = part("reveal").querySelector("[data-go]");
      const pace = part("pace");
      const go = () => {
        if (mine !== turn || root.dataset.ballot !== "answered") return;
        ready("loading");
        proceed();
      };
      let timer = null;
      const set = () => {
        clearTimeout(timer);
        button.classList.toggle("running", pace.checked);
        if (pace.checked) timer = setTimeout(go, PACE_MS);
      };
      button.addEventListener("click", go);
      button.style.setProperty("--pace", `${PACE_MS}ms`);
      if (pace) {
        pace.checked = look.storage.get(PACE) === "yes";
        pace.addEventListener("change", () => {
          look.storage.set(PACE, pace.checked ? "yes" : "no");
          set();
        });
        set();
      }
      button.focus({ preventScroll: true });
    };

    // Returns null if the server refuses the answer for good; the session is then opened again.
    const send = async (answer) => {
      try {
        const reply = await look.insist(waiting, answer.correct ? "rating_change" : "rating_answer",
          answer.rater, answer.ballot, answer.choice, answer.response_ms, answer.reason);
        look.outbox.drop(answer.ballot);
        return reply;
      } catch (error) {
        look.outbox.drop(answer.ballot);
        say(error.message, "lost");
        return null;
      }
    };

    let voted = false;
    let rankedAt = -Infinity;
    let timer = null;
    const refreshRanking = () => {
      timer ??= setTimeout(async () => {
        [timer, rankedAt] = [null, performance.now()];
        const again = voted; // this table may lack the vote, so fetch it once more
        voted = false; // a vote during the request sets it again
        try {
          const table = await look.call("rating_ranking", session.study, session.rater);
          part("ranking").innerHTML = table.html;
          if (again) setTimeout(refreshRanking, 1_000 * (table.again_s ?? 0) + 100);
        } catch { /* the next vote tries again */ }
      }, Math.max(0, rankedAt + RANKING_EVERY_MS - performance.now()));
    };

    // Shows the ballot that was answered last, with its answer, so that the rater can answer it again.
    const change = async () => {
      if (root.dataset.ballot !== "ready") return;
      ready("loading");
      const { ballot, ...last } = await ask("last");
      const label = ballot.answers.find((answer) => answer.choice === last.choice)?.label ?? last.choice.replaceAll("_", " ");
      say(`You answered “${label}”. Choose again, or keep your answer.`);
      await put({ ...ballot, last });
    };

    const act = safely(async (name) => {
      if (name === "withdraw") return part("withdraw").showModal();
      if (name === "link") {
        part("link").querySelector("[data-own-link]").value = own();
        return part("link").showModal();
      }
      if (name === "pause") return read({ html: part("paused").innerHTML });
      if (name === "resume") return open();
      if (name === "change") return change();
      if (name === "keep") {
        ready("loading");
        say("");
        return open();
      }
      const state = await ask("act", name === "withdrawn" ? "withdraw" : name);
      if (name === "withdrawn") for (const answer of look.outbox.of(session.study, session.rater)) look.outbox.drop(answer.ballot);
      return show(state);
    });

    const copy = async (button) => {
      const field = button.closest(".own-link").querySelector("[data-own-link]");
      button.textContent = (await look.copy(field.value, field)).replace(/\.$/, "");
    };

    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act === "copy") copy(button);
      else if (button?.dataset.act) act(button.dataset.act);
      else if (button?.dataset.choice && button.dataset.ballot === current?.ballot) vote(button.dataset.choice);
      else if (event.target.closest(".pair img") && !current?.exposure_ms) zoom();
    });

    // Questions before and after the ballots: what was filled in stays where the server refuses an answer.
    root.addEventListener("submit", async (event) => {
      const form = event.target;
      if (form.dataset.form !== "questions") return;
      event.preventDefault();
      const button = form.querySelector("button");
      const said = form.querySelector("[data-part=said]");
      button.disabled = true;
      said.textContent = "";
      let state;
      try {
        const lost = (is, sentence) => {
          said.textContent = is ? sentence || "No connection. Your answers are sent as soon as there is one." : "";
        };
        state = await look.insist(lost, "rating_questions", session.study, session.rater, Object.fromEntries(new FormData(form)));
      } catch (error) {
        said.textContent = error.message;
        button.disabled = false;
        return;
      }
      await safely(show)(state);
    });

    const zoom = () => {
      if (current && !current.exposure_ms) look.zoom.open(current.looked);
    };

    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || board.hidden || !root.offsetParent) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
      const wish = pressed(event);
      if (wish === "z") zoom();
      const button = root.querySelector(`button[data-key="${CSS.escape(wish)}"]:not([hidden])`);
      if (!button) return;
      event.preventDefault();
      button.click();
    });

    part("picker").addEventListener("change", (event) => {
      session.study = event.target.value;
      ready("none"); // takes no answer to the old pair while the new one loads
      part("reveal").replaceChildren();
      say("");
      refreshRanking();
      open();
    });

    root.classList.toggle("casual", session.casual);
    if (!session.casual) part("question").textContent = ""; // it is the other study's
    look.pictures.wait(pair);
    if (session.casual) refreshRanking();
    open();
  };

  new MutationObserver(() => {
    const root = document.querySelector(".rating[data-study]:not([data-begun])");
    if (!root || query.has("results")) return;
    root.dataset.begun = "yes";
    begin(root);
  }).observe(document, { childList: true, subtree: true });
})();
