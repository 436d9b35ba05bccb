// The drawing board of live training: drawings by pointer or keyboard, kept in the page until Start sends them.
(() => {
  const look = (window.justLook ??= {});
  const SIDE = 256, KEPT = 64; // pixels of the board, and of a drawing that is sent
  const PEN = 18, STEP = 8; // the pen's width, and how far an arrow key moves it
  const MOST = 40, FEWEST = 5, GOOD = 20;
  look.drawings = []; // data URLs

  const begin = (root) => {
    const canvas = root.querySelector("canvas"), ink = canvas.getContext("2d");
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    let pen = { x: SIDE / 2, y: SIDE / 2 }, down = false, used = false, paper;

    const wipe = () => {
      ink.fillStyle = "#fff";
      ink.fillRect(0, 0, SIDE, SIDE);
      used = false;
      paper = undefined;
    };
    const line = (context, from, to) => {
      context.lineWidth = PEN;
      context.lineCap = context.lineJoin = "round";
      context.strokeStyle = "#000";
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x + 0.01, to.y);
      context.stroke();
      used = true;
    };
    const say = (text) => { part("status").textContent = text; };
    const count = () => {
      const number = look.drawings.length;
      const hint = number < FEWEST ? `at least ${FEWEST} are needed` : number < GOOD ? `${GOOD} are better` : "enough to start";
      say(`${number} drawing${number === 1 ? "" : "s"}: ${hint}.`);
    };
    const show = () => {
      part("drawings").replaceChildren(...look.drawings.map((url, i) => {
        const item = document.createElement("li"), button = document.createElement("button"), picture = new Image();
        button.type = "button";
        button.ariaLabel = `Remove drawing ${i + 1}`;
        picture.src = url;
        picture.alt = "";
        button.append(picture);
        button.addEventListener("click", () => { look.drawings.splice(i, 1); show(); });
        item.append(button);
        return item;
      }));
      count();
    };
    const small = (from) => {
      const copy = Object.assign(document.createElement("canvas"), { width: KEPT, height: KEPT });
      copy.getContext("2d").drawImage(from, 0, 0, KEPT, KEPT);
      return copy.toDataURL("image/png");
    };
    const add = () => {
      if (look.drawings.length >= MOST) return say(`${MOST} drawings are the most.`);
      restore();
      if (!used) return say("The board is blank: draw something first.");
      look.drawings.push(small(canvas));
      wipe();
      show();
    };

    // The pen of the keyboard is a ring that is drawn over the picture, and taken away before the next stroke.
    const restore = () => { if (paper) ink.putImageData(paper, 0, 0); paper = undefined; };
    const ring = () => {
      paper = ink.getImageData(0, 0, SIDE, SIDE);
      ink.lineWidth = 3;
      ink.strokeStyle = "#c2410c";
      ink.beginPath();
      ink.arc(pen.x, pen.y, PEN / 2 + 2, 0, 7);
      ink.stroke();
    };

    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return { x: ((event.clientX - box.left) * SIDE) / box.width, y: ((event.clientY - box.top) * SIDE) / box.height };
    };
    let last;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      restore();
      last = place(event);
      line(ink, last, last);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const now = place(event);
      line(ink, last, now);
      last = now;
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { last = undefined; });

    const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    canvas.addEventListener("keydown", (event) => {
      const move = MOVES[event.key];
      if (!move && event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (event.key === "Enter") return add();
      restore();
      if (event.key === " ") {
        down = !down;
        if (down) line(ink, pen, pen);
        say(down ? "The pen is down: arrow keys draw." : "The pen is up: arrow keys move it.");
      } else {
        const inside = (value) => Math.min(SIDE - PEN, Math.max(PEN, value));
        const to = { x: inside(pen.x + move[0]), y: inside(pen.y + move[1]) };
        if (down) line(ink, pen, to);
        pen = to;
      }
      ring();
    });
    canvas.addEventListener("blur", restore);

    const face = () => { // an example: no two are alike
      const sheet = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
      const context = sheet.getContext("2d"), vary = (size) => (Math.random() - 0.5) * size;
      context.fillStyle = "#fff";
      context.fillRect(0, 0, SIDE, SIDE);
      context.lineWidth = PEN;
      context.lineCap = "round";
      const middle = { x: SIDE / 2 + vary(16), y: SIDE / 2 + vary(16) }, [wide, high] = [88 + vary(30), 94 + vary(24)];
      context.beginPath();
      context.ellipse(middle.x, middle.y, wide, high, 0, 0, 7);
      context.stroke();
      for (const side of [-1, 1]) {
        context.beginPath();
        context.arc(middle.x + side * (34 + vary(8)), middle.y - 26 + vary(10), 3, 0, 7);
        context.stroke();
      }
      const smile = 30 + vary(50);
      context.beginPath();
      context.moveTo(middle.x - 40 + vary(8), middle.y + 34);
      context.quadraticCurveTo(middle.x, middle.y + 34 + smile, middle.x + 40 + vary(8), middle.y + 34);
      context.stroke();
      return small(sheet);
    };

    part("add").addEventListener("click", add);
    part("clear").addEventListener("click", () => { wipe(); say("The board is blank."); });
    part("remove-all").addEventListener("click", () => { look.drawings.length = 0; show(); });
    part("examples").addEventListener("click", () => {
      look.drawings.splice(0, Infinity, ...Array.from({ length: GOOD }, face));
      show();
    });
    wipe();
    show();
  };

  const start = () => {
    const root = document.querySelector(".drawing-board");
    if (root && !root.begun) { root.begun = true; begin(root); }
  };
  new MutationObserver(start).observe(document, { childList: true, subtree: true });
})();
