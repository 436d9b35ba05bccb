// The rating panel: asks the server what comes now, shows it, and sends each answer until the server has it.
(() => {
  const look = window.justLook;
  const LINK = ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"];
  const RANKING_EVERY_MS = 4_000;
  const query = new URLSearchParams(location.search);
  const wanted = query.get("study");
  if (wanted) document.documentElement.classList.add("in-session"); // before the first paint: a session is alone

  const begin = (root) => {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    const [board, page, pair, message] = ["board", "page", "pair", "message"].map(part);
    const session = { study: wanted ?? root.dataset.study, rater: "", casual: !wanted };
    let current = null; // the ballot on the screen, with its clock
    let following = null; // a promise of the ballot after it
    let turn = 0; // counts what was put on the screen: what arrives late finds that it is

    const link = () => Object.fromEntries(LINK.filter((key) => query.get(key)).map((key) => [key, query.get(key)]));
    const key = () => (session.casual ? "just-look-rater" : `just-look-rater:${session.study}`);
    const ready = (state) => { root.dataset.ballot = state; };

    const say = (text, kind = "") => {
      message.textContent = text;
      message.dataset.kind = kind;
    };
    const waiting = (lost) => say(
      lost ? "No connection. Your answer is kept here and sent as soon as there is one." : "Connected again: everything is stored.",
      lost ? "lost" : "found",
    );

    const ask = (action, ...data) => look.insist(waiting, `rating_${action}`, session.study, session.rater, ...data);

    // Whatever goes wrong on the way is said, with a way on.
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
      session.rater = look.storage.get(key()) ?? "";
      for (const answer of look.outbox.of(session.study, session.rater)) await send(answer);
      await show(await ask("open", link()));
    });

    const show = async (state) => {
      session.rater = state.rater;
      look.storage.set(key(), state.rater);
      if (state.studies) offer(state.studies);
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
      page.querySelector("h2")?.focus({ preventScroll: true });
      root.scrollIntoView({ block: "nearest" });
    };

    const put = async (ballot) => {
      const mine = (turn += 1);
      ready("loading");
      page.hidden = true;
      board.hidden = false;
      part("question").textContent = ballot.question;
      part("kicker").textContent = ballot.training ? "Practice" : "";
      progress(ballot);
      answers(ballot);
      part("reason").value = "";
      part("reason-line").open = false;
      part("reason-line").hidden = !ballot.reasons;
      const pictures = await (ballot.decoded ?? look.pictures.prepare(ballot));
      if (mine !== turn) return;
      const clock = await look.pictures.show(pair, pictures, ballot.exposure_ms);
      current = { ...ballot, clock, looked: pictures };
      setTimeout(() => { if (mine === turn && root.dataset.ballot === "loading") ready("ready"); }, ballot.look_ms);
      following = fetchNext(ballot.ballot);
    };

    // Issued, drawn, sent and decoded while the rater looks at the one before. A failure here costs only the wait.
    const fetchNext = async (after) => {
      try {
        const { ballot } = await look.call("rating_ahead", session.study, session.rater, after);
        if (ballot) ballot.decoded = look.pictures.prepare(ballot);
        return ballot;
      } catch {
        return null;
      }
    };

    const progress = ({ index, total, training }) => {
      const bar = part("progress");
      bar.hidden = total === null;
      if (total === null) return;
      const words = `${training ? "Practice" : "Pair"} ${index + 1} of ${total}`;
      bar.querySelector("span").textContent = words;
      const meter = bar.querySelector("[role=progressbar]");
      meter.setAttribute("aria-valuemax", total);
      meter.setAttribute("aria-valuenow", index);
      meter.setAttribute("aria-valuetext", `${index} of ${total} answered`);
      meter.firstElementChild.style.width = `${(100 * index) / total}%`;
    };

    const answers = ({ answers: offered, ballot }) => {
      for (const place of ["main", "other"]) {
        part(place).replaceChildren(...offered.filter((one) => one.place === place).map(({ choice, label, key: letter }) => {
          const button = document.createElement("button");
          button.type = "button";
          Object.assign(button.dataset, { choice, key: letter, ballot });
          button.setAttribute("aria-keyshortcuts", letter);
          button.append(label, Object.assign(document.createElement("kbd"), { textContent: letter.toUpperCase(), ariaHidden: "true" }));
          return button;
        }));
      }
    };

    const vote = safely(async (choice) => {
      if (root.dataset.ballot !== "ready") return; // not seen yet, or answered already
      ready("voted");
      const answered = current;
      const answer = {
        study: session.study, rater: session.rater, ballot: answered.ballot, choice,
        response_ms: answered.clock(), reason: part("reason").value.trim() || null,
      };
      look.outbox.keep(answer);
      const told = await send(answer);
      if (!told) return open();
      if (message.dataset.kind !== "found") say(told.notice ?? "");
      part("told").innerHTML = told.html;
      if (session.casual) {
        voted = true;
        refreshRanking();
      }
      if (told.training) return feedback();
      return proceed();
    });

    const proceed = safely(async () => {
      const ballot = await following;
      if (ballot) return put(ballot);
      look.pictures.wait(pair);
      return show(await ask("open", link()));
    });

    const feedback = () => {
      ready("told");
      const button = part("told").querySelector("button");
      button.addEventListener("click", () => {
        part("told").replaceChildren();
        proceed();
      });
      button.focus();
    };

    // Nothing comes back where the server will never take this answer: then the session is opened anew.
    const send = async (answer) => {
      try {
        const told = await look.insist(waiting, "rating_answer", answer.rater, answer.ballot,
          answer.choice, answer.response_ms, answer.reason);
        look.outbox.drop(answer.ballot);
        return told;
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
        const again = voted; // what comes may be from before the vote
        voted = false; // the next one is given while this is on its way
        try {
          const said = await look.call("rating_ranking", session.study);
          part("ranking").innerHTML = said.html;
          if (again) setTimeout(refreshRanking, 1_000 * (said.again_s ?? 0) + 100);
        } catch { /* the next vote asks again */ }
      }, Math.max(0, rankedAt + RANKING_EVERY_MS - performance.now()));
    };

    const act = safely(async (name) => {
      if (name === "withdraw") return part("withdraw").showModal();
      if (name === "pause") return read({ html: part("paused").innerHTML });
      if (name === "resume") return open();
      const state = await ask("act", name === "withdrawn" ? "withdraw" : name);
      if (name === "withdrawn") for (const answer of look.outbox.of(session.study, session.rater)) look.outbox.drop(answer.ballot);
      return show(state);
    });

    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.act) act(button.dataset.act);
      else if (button?.dataset.choice && button.dataset.ballot === current?.ballot) vote(button.dataset.choice);
      else if (event.target.closest(".pair img") && !current?.exposure_ms) zoom();
    });

    const zoom = () => {
      if (current && !current.exposure_ms) look.zoom.open(current.looked);
    };

    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || board.hidden || !root.offsetParent) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.target.matches?.("input, textarea, select, [contenteditable]")) return;
      const pressed = event.key.toLowerCase();
      if (pressed === "z") zoom();
      const button = root.querySelector(`button[data-key="${CSS.escape(pressed)}"]`);
      if (!button) return;
      event.preventDefault();
      button.click();
    });

    part("picker").addEventListener("change", (event) => {
      session.study = event.target.value;
      ready("none"); // no answer to the pair before, while the new one is on its way
      part("told").replaceChildren();
      say("");
      refreshRanking();
      open();
    });

    root.classList.toggle("casual", session.casual);
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
