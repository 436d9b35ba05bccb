// The best and the worst of four pictures: two buttons on each; the keys 1 to 4 choose the best, then the worst.
(() => {
  const look = (window.justLook ??= {});
  const WORDS = { best: "Best", worst: "Worst" };

  // Lay the buttons under the pictures. `vote` gets the answer once both are chosen; `last` is an answer to change.
  look.bestWorst = (pair, ballot, last, vote) => {
    const earlier = /^best_(\d)_worst_(\d)$/.exec(last ?? "");
    const chosen = { best: null, worst: null };
    const buttons = [];

    const show = () => {
      const asked = chosen.best === null ? "best" : "worst"; // what the keys choose now
      for (const { button, role, number } of buttons) {
        const pressed = chosen[role] === number;
        button.setAttribute("aria-pressed", pressed);
        button.closest("figure").classList.toggle(role, pressed);
        if (role === asked) [button.dataset.key, button.ariaKeyShortcuts] = [number, number];
        else {
          delete button.dataset.key;
          button.ariaKeyShortcuts = null;
        }
        button.querySelector("kbd").hidden = role !== asked;
      }
    };

    const choose = (role, number) => {
      const other = role === "best" ? "worst" : "best";
      if (chosen[role] === number) chosen[role] = null;
      else {
        chosen[role] = number;
        if (chosen[other] === number) chosen[other] = null;
      }
      show();
      if (chosen.best !== null && chosen.worst !== null) vote(`best_${chosen.best}_worst_${chosen.worst}`);
    };

    [...pair.children].forEach((figure, index) => {
      const number = index + 1;
      const row = Object.assign(document.createElement("div"), { className: "best-worst" });
      for (const role of ["best", "worst"]) {
        const button = Object.assign(document.createElement("button"), { type: "button", className: "best-worst-choice", textContent: WORDS[role] });
        button.setAttribute("aria-label", `Picture ${number} is the ${role}`);
        button.append(Object.assign(document.createElement("kbd"), { textContent: number, ariaHidden: "true" }));
        if (earlier && Number(earlier[role === "best" ? 1 : 2]) === number) button.classList.add("earlier");
        button.addEventListener("click", () => {
          if (pair.closest(".rating").dataset.ballot === "ready") choose(role, number);
        });
        buttons.push({ button, role, number });
        row.append(button);
      }
      figure.append(row);
    });
    show();
  };
})();
