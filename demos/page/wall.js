// The wall: a tap shows the picture large at once, from the wall itself, until the restyled one is there.
(() => {
  let place = 0; // how far the wall was scrolled when it was left
  const show = (large) => {
    if (large) place = scrollY;
    document.body.classList.toggle("large", large);
    scrollTo(0, large ? 0 : place);
  };
  // A link to settings opens what it names; the wall greets everybody else.
  const query = new URLSearchParams(location.search);
  const follow = () => query.get("tab") === "style" && query.has("way") && show(true);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", follow);
  else follow();

  const uncover = () => document.querySelector("#restyled > .at-once")?.remove();
  // After a run that had nothing new to show, no picture comes that would take the cover away.
  justLook.uncover = () => setTimeout(() => {
    const pictures = [...document.querySelectorAll("#restyled img")];
    if (pictures.length && pictures.every((picture) => picture.complete)) uncover();
  }, 100);
  const cover = (picture) => {
    uncover();
    const sheet = document.createElement("div");
    sheet.className = "at-once";
    sheet.style.backgroundImage = `url("${picture.src}")`;
    document.querySelector("#restyled")?.prepend(sheet);
  };

  const photo = () => document.querySelector("#wall-photo img")?.src;
  let last = "wheat-field"; // the painting of the last tap; at first the one that the page starts with
  let painted; // the photo of the last tap
  addEventListener("click", (event) => {
    const cell = event.target.closest?.("#wall [data-painting]");
    if (cell) {
      const there = cell.dataset.painting === last && painted === photo() && document.querySelector("#restyled img");
      if (!there && !cell.classList.contains("waiting")) cover(cell.querySelector("img"));
      last = cell.dataset.painting;
      painted = photo();
      show(true);
      document.querySelector("#back-to-wall")?.focus({ preventScroll: true });
    }
    if (event.target.closest?.("#surprise")) {
      const others = [...document.querySelectorAll("#wall [data-painting]")].filter((other) => other.dataset.painting !== last);
      others[Math.floor(Math.random() * others.length)]?.click();
    }
    if (event.target.closest?.("#back-to-wall")) {
      show(false);
      document.querySelector(`#wall [data-painting="${last}"]`)?.focus();
    }
  });
  document.addEventListener("load", (event) => event.target.closest?.("#restyled") && uncover(), true);
  addEventListener("pointerdown", (event) => event.target.closest?.("#restyled") && uncover());
})();
