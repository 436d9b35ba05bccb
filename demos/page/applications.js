// The answers of the section Tasks: the classes' heat maps, the threshold and the boxes of detection, two segmentations.
(() => {
  const look = (window.justLook ??= {});
  let threshold = null; // percent, once somebody moved it

  const press = (buttons, pressed) => {
    for (const button of buttons) button.setAttribute("aria-pressed", pressed(button));
  };

  const filter = (card) => {
    const input = card.querySelector(".threshold input");
    card.querySelector("output").textContent = `${input.value} %`;
    let things = 0;
    for (const part of card.querySelectorAll("[data-percent]")) {
      part.hidden = Number(part.dataset.percent) < Number(input.value);
      if (!part.hidden && part.matches("li")) things += 1;
    }
    card.querySelector(".count").textContent = things ? `${things} ${things === 1 ? "thing" : "things"}` : "Nothing that sure. Lower the threshold.";
  };

  // Apply the threshold that was chosen to answers that have just come.
  look.applications = () => requestAnimationFrame(() => {
    const input = document.querySelector(".applications .threshold input");
    if (!input || threshold === null) return;
    input.value = threshold;
    filter(input.closest(".card"));
  });

  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.(".applications .threshold input")) return;
    threshold = target.value;
    filter(target.closest(".card"));
  });

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.(".applications button");
    const card = button?.closest(".card");
    if (!card) return;
    const { guess, thing, view } = button.dataset;
    if (guess !== undefined) {
      press(card.querySelectorAll("[data-guess]"), (other) => other === button);
      for (const heat of card.querySelectorAll(".heat")) heat.hidden = heat.dataset.heat !== guess;
      card.querySelector(".photo").setAttribute("aria-label", `The picture, with the places that spoke for ${button.firstElementChild.textContent} in warm colours`);
    } else if (thing !== undefined) {
      const on = button.getAttribute("aria-pressed") !== "true"; // a second click lets go
      press(card.querySelectorAll("[data-thing]"), (other) => on && other.dataset.thing === thing);
    } else if (view !== undefined) {
      press(card.querySelectorAll("[data-view]"), (other) => other === button);
      for (const layer of card.querySelectorAll("[data-layer]")) layer.hidden = layer.dataset.layer !== view;
      card.querySelector(".photo").setAttribute("aria-label", button.dataset.spoken);
    }
  });
})();
