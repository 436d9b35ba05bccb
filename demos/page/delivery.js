// Calls to the server, and an outbox that keeps answers until the server confirms them.
(() => {
  const look = (window.justLook ??= {});
  const PATIENCE_MS = 30_000;
  const RETRY_MS = [500, 1_000, 2_000, 5_000]; // then every five seconds, and at once when the network is back

  const REFUSED = new Set([400, 405, 413, 422]);

  class Unreachable extends Error {} // what is sent again later
  class Busy extends Unreachable {} // the server has said why

  // Storage is refused in some embedded frames: then a reload forgets, and nothing else changes.
  const memory = new Map();
  const storage = {
    get(key) { try { return localStorage.getItem(key); } catch { return memory.get(key) ?? null; } },
    set(key, value) { // returns whether a reload will find it
      try { localStorage.setItem(key, value); return true; } catch { memory.set(key, value); return false; }
    },
    drop(key) { try { localStorage.removeItem(key); } catch { memory.delete(key); } },
    keys() { try { return Object.keys(localStorage); } catch { return [...memory.keys()]; } },
  };

  const call = async (action, ...data) => {
    const { root = "", api_prefix = "/gradio_api" } = window.gradio_config ?? {};
    let response;
    try {
      response = await fetch(`${root}${api_prefix}/run/${action}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ data }),
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch { // no network, or no answer
      throw new Unreachable("The server can't be reached.");
    }
    if (REFUSED.has(response.status)) { // sending it again would change nothing
      const { error } = await response.json().catch(() => ({}));
      throw new Error(typeof error === "string" ? error : "The server does not take this. Reload the page.");
    }
    if (response.status === 503) {
      const { error } = await response.json().catch(() => ({}));
      if (typeof error === "string") throw new Busy(error);
    }
    if (!response.ok) throw new Unreachable(`The server answered ${response.status}.`);
    const [answer] = (await response.json()).data;
    if (answer?.unavailable) throw new Busy(answer.unavailable);
    if (answer?.refused) throw new Error(answer.refused);
    return answer;
  };

  // Wait for a moment, or until the browser says that the network is back.
  const pause = (milliseconds) => new Promise((resolve) => {
    const end = () => { clearTimeout(timer); removeEventListener("online", end); resolve(); };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
  });

  // Call until the server answers; `waiting(true, sentence)` reports that it does not at the moment, with the reason that
  // it has given, if it has given one.
  const insist = async (waiting, action, ...data) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await call(action, ...data);
        if (attempt) waiting(false);
        return answer;
      } catch (error) {
        if (!(error instanceof Unreachable)) {
          if (attempt) waiting(false);
          throw error;
        }
        waiting(true, error instanceof Busy ? `${error.message} This page tries again by itself.` : "");
        await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]);
      }
    }
  };

  // An answer is stored before it is sent and removed once the server has it; a reload in between sends it again.
  const OUTBOX = "just-look-unsent:";
  const outbox = {
    keep: (answer) => storage.set(OUTBOX + answer.ballot, JSON.stringify(answer)),
    drop: (ballot) => storage.drop(OUTBOX + ballot),
    of: (study, rater) => storage.keys().filter((key) => key.startsWith(OUTBOX))
      .map((key) => JSON.parse(storage.get(key)))
      .filter((answer) => answer && answer.study === study && answer.rater === rater),
  };

  Object.assign(look, { Unreachable, storage, call, insist, outbox });
})();
