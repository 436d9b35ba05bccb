// Generators in a worker, so that a large one never holds up the finger. The page fetches, the worker reads and draws.
//
// A small one is read by the page as well: it draws within the pointer's own event, so its picture is in the same
// frame, even where other work keeps the processor's cores busy and a worker would have to wait for one.
(() => {
  const look = (window.justLook ??= {});
  const KEPT = 12; // generators: more than any has snapshots
  const SMALL = 2e6; // bytes of a generator that the page reads too
  const LATE_MS = 12, LATE = 5; // a device that is later with so many pictures running leaves them to the worker

  // What the worker runs, from its text: a worker from an address of its own could not start once the server is gone.
  const work = (readGenerator, matrixProduct) => {
    const generators = new Map();
    const acts = {
      open: ({ url, file }) => {
        generators.set(url, readGenerator(file, matrixProduct));
        return { size: generators.get(url).size };
      },
      draw: ({ url, z }) => ({ pixels: generators.get(url).pixels(z) }),
      close: ({ url }) => { generators.delete(url); },
    };
    onmessage = ({ data: { id, act, ...rest } }) => {
      try {
        const answer = acts[act](rest);
        postMessage({ id, answer }, answer?.pixels ? [answer.pixels.buffer] : []);
      } catch (error) {
        postMessage({ id, error: String(error) });
      }
    };
  };

  let worker, asked = 0;
  const waiting = new Map(); // by the number of the request
  const ask = (act, rest, moved = []) => new Promise((resolve, reject) => {
    if (!worker) {
      const text = `(${work})(${look.readGenerator}, ${look.matrixProduct})`;
      const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      worker = new Worker(address);
      worker.onmessage = ({ data: { id, answer, error } }) => {
        const { resolve, reject } = waiting.get(id);
        waiting.delete(id);
        if (error) reject(new Error(error));
        else resolve(answer);
      };
      worker.onerror = ({ message }) => { // it could not start
        for (const { reject } of waiting.values()) reject(new Error(message));
        waiting.clear();
      };
    }
    asked += 1;
    waiting.set(asked, { resolve, reject });
    worker.postMessage({ id: asked, act, ...rest }, moved);
  });

  const fetched = async (url, progress) => {
    const reply = await fetch(url);
    if (!reply.ok) throw new Error(`${url}: ${reply.status}`);
    const parts = [];
    let bytes = 0;
    for (const reader = reply.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts).arrayBuffer();
      parts.push(value);
      bytes += value.length;
      progress(bytes);
    }
  };

  let late = 0, slow = false; // pictures in a row that the page was late with; whether it leaves them to the worker
  const opened = new Map(); // by address, the one used longest ago first
  const isOpen = (url) => opened.has(url);

  // Fetch and open a generator once: a promise of its `url` and `size`. `progress` gets the bytes fetched so far. One
  // that failed may be tried again.
  const load = (url, progress = () => {}) => {
    const generator = opened.get(url) ?? {};
    generator.progress = progress;
    generator.coming ??= fetched(url, (bytes) => generator.progress(bytes))
      .then(async (file) => {
        const own = file.byteLength < SMALL && !slow ? look.readGenerator(file, look.matrixProduct) : undefined;
        const { size } = await ask("open", { url, file }, [file]);
        return { url, size, own };
      });
    generator.coming.catch(() => opened.delete(url));
    opened.delete(url);
    opened.set(url, generator);
    const [oldest] = opened.keys();
    if (opened.size > KEPT) {
      opened.delete(oldest);
      ask("close", { url: oldest });
    }
    return generator.coming;
  };

  // The picture that an opened generator draws of z, its numbers, at once; undefined where the worker has to draw it.
  const atOnce = ({ size, own }, z) => {
    if (!own || slow) return undefined;
    const started = performance.now(), picture = new ImageData(own.pixels(z), size, size);
    late = performance.now() - started > LATE_MS ? late + 1 : 0;
    slow = late >= LATE;
    return picture;
  };

  // A promise of that picture, drawn by the worker.
  const pixels = async ({ url, size }, z) => new ImageData((await ask("draw", { url, z })).pixels, size, size);

  look.generator = { isOpen, load, atOnce, pixels };
})();
