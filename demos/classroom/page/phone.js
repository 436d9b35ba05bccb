// A phone in class: joins by the address of a QR code or by a typed code, follows the teacher, and answers once.
(() => {
  const { root, Refused, storage, post, listen, make, bars, pictures } = window.room;
  const part = (id) => document.getElementById(id);
  const RATER = "just-look-class-rater", ANSWER = "just-look-class-answer:";
  const RETRY_MS = 2_000;

  const rater = storage.get(RATER) ?? btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18)))).replaceAll("+", "-").replaceAll("/", "_");
  storage.set(RATER, rater);

  let room = "", shown = "", state = null, since = 0;
  const keyOf = (question) => `${ANSWER}${room}:${question}`;
  const kept = (question) => JSON.parse(storage.get(keyOf(question)) ?? "null");

  // An answer is kept before it is sent, until the server has it: a reload or a minute without network loses nothing.
  const sending = new Set();
  const send = async (question) => {
    const answer = kept(question);
    if (!answer || answer.sent || sending.has(question)) return;
    sending.add(question);
    try {
      await post(`class/rooms/${room}/answer`, { rater, question, choice: answer.choice, response_ms: answer.response_ms });
      storage.set(keyOf(question), JSON.stringify({ ...answer, sent: true }));
      told(question, "");
    } catch (error) {
      if (error instanceof Refused) {
        const { choice } = await mine(question);
        if (choice === null) storage.drop(keyOf(question));
        else storage.set(keyOf(question), JSON.stringify({ choice, sent: true }));
        told(question, error.message);
      } else {
        told(question, "Your answer is kept here and is sent as soon as the server can be reached.");
        setTimeout(() => send(question), RETRY_MS);
      }
    } finally {
      sending.delete(question);
    }
  };
  const answered = () => storage.keys().filter((key) => key.startsWith(keyOf(""))).map((key) => key.slice(keyOf("").length));
  const sendAll = () => answered().forEach(send);
  const forget = () => answered().forEach((question) => storage.drop(keyOf(question)));
  const mine = (question) => post(`class/rooms/${room}/mine`, { rater, question }).then((reply) => reply.json(), () => ({ choice: null }));
  addEventListener("online", () => room && sendAll());

  const told = (question, message) => {
    if (state?.question?.name !== question) return;
    const answer = kept(question), said = document.querySelector(".said");
    if (!said) return;
    lockOptions(answer);
    said.textContent = message || (answer?.sent ? "Your answer counts. Look at the big screen." : "");
  };

  const lockOptions = (answer) => {
    const closed = Boolean(answer) || state.question.closed;
    for (const input of document.querySelectorAll(".options input")) {
      input.disabled = closed;
      if (answer?.choice === input.value) input.checked = true;
    }
    const button = document.querySelector(".send");
    if (button) button.hidden = closed;
  };

  const waiting = (title, words) => make("div", { className: "waiting" }, make("h1", {}, title), make("p", { className: "quiet" }, words));

  const slide = () => {
    const link = make("a", { className: "button", href: `${root}./${state.open}`, target: "_blank", rel: "noopener" }, "Open it on this phone");
    const paper = make("a", { href: state.paper.url, target: "_blank", rel: "noopener" }, `${state.paper.title} (${state.paper.authors}, ${state.paper.year})`);
    return [make("h1", {}, state.slide), make("p", { className: "says" }, state.says), make("p", { className: "quiet" }, state.did), link,
      make("p", { className: "quiet paper" }, paper)];
  };

  const question = () => {
    const { name, asks, options } = state.question;
    const choices = make("div", { className: options.length > 8 ? "options numbers" : "options" });
    for (const [value, label] of options) {
      choices.append(make("label", {}, make("input", { type: "radio", name: "answer", value }), label));
    }
    const button = make("button", { className: "primary send", disabled: true }, "Send my answer");
    const said = make("p", { className: "said" });
    said.setAttribute("role", "status");
    const form = make("form", {}, make("fieldset", {}, make("legend", {}, asks), pictures(state, room), choices), button, said);
    form.addEventListener("change", () => { button.disabled = false; });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = new FormData(form).get("answer");
      if (!choice || kept(name)) return;
      storage.set(keyOf(name), JSON.stringify({ choice, response_ms: Math.round(performance.now() - since) }));
      told(name, "Sending …");
      send(name);
    });
    return [form];
  };

  const truth = () => {
    const { name, options } = state.question, { expected, words } = state.truth;
    const label = new Map(options), answer = kept(name)?.choice;
    const own = !answer ? "You did not answer this one." : !expected ? `You said: ${label.get(answer)}.`
      : answer === expected ? `You were right: ${label.get(expected)}.` : `You said ${label.get(answer)}; it was ${label.get(expected)}.`;
    return [make("p", { className: "verdict" }, own), make("p", {}, words), pictures(state, room), make("h2", {}, "What the class said"), bars(state)];
  };

  const show = (next) => {
    state = next;
    part("place").textContent = state.number ? `${state.number} of ${state.steps}` : "";
    const looks = JSON.stringify([state.kind, state.view, state.question?.closed]);
    if (looks !== shown) {
      shown = looks;
      since = performance.now();
      const content = {
        lobby: () => [waiting("You are in", "The lesson begins soon. Leave this page open.")],
        slide, question, truth,
        ended: () => [waiting("The lesson is over", "Thank you for your answers.")],
      }[state.kind]();
      part("view").replaceChildren(...content);
      if (state.kind === "question") recall(state.question.name);
      scrollTo(0, 0);
    }
    if (state.kind === "ended") forget();
    else sendAll();
  };

  // What this phone answered, also when its storage was emptied in the meantime.
  const recall = async (name) => {
    if (!kept(name)) {
      const { choice } = await mine(name);
      if (choice !== null) storage.set(keyOf(name), JSON.stringify({ choice, sent: true }));
    }
    told(name, state.question?.closed && !kept(name) ? "The truth has been shown: no answer counts any more." : "");
  };

  const enter = (identifier) => {
    room = identifier;
    history.replaceState(null, "", `${location.pathname}#${room}`);
    part("join").hidden = true;
    part("foot").hidden = false;
    part("view").replaceChildren(waiting("One moment", "This phone joins the class."));
    listen(`class/rooms/${room}/events`, show, (lost) => { part("lost").hidden = !lost; }, () => {
      part("view").replaceChildren(waiting("The lesson is over", "Ask for a new code."));
    });
  };

  const join = async (code) => {
    const button = part("join").querySelector("button");
    button.disabled = true;
    part("wrong").textContent = "";
    try {
      enter((await (await post("class/join", { code })).json()).room);
    } catch (error) {
      part("join").hidden = false;
      part("wrong").textContent = error instanceof Refused ? error.message : "The server can't be reached: try again.";
    } finally {
      button.disabled = false;
    }
  };
  part("join").addEventListener("submit", (event) => { event.preventDefault(); join(part("code").value); });
  part("withdraw").addEventListener("click", async () => {
    try {
      const { deleted } = await (await post(`class/rooms/${room}/withdraw`, { rater })).json();
      forget();
      part("withdrawn").textContent = deleted ? `Deleted: ${deleted}. This phone gives no more answers in this class.` : "Nothing was stored.";
    } catch (error) { part("withdrawn").textContent = error.message; }
  });

  const named = location.hash.slice(1), code = new URLSearchParams(location.search).get("code");
  if (/^[0-9a-f]{24}$/.test(named)) enter(named);
  else if (code) { part("code").value = code; join(code); }
  else part("join").hidden = false;
})();
