// A link that names a section of the GAN tab opens it: ?tab=gan&section=timeline&choose=collapse
(() => {
  const query = new URLSearchParams(location.search), section = query.get("section"), choice = query.get("choose");
  if (query.get("tab") !== "gan" || !/^[a-z-]{1,30}$/.test(section ?? "")) return;

  const watch = new MutationObserver(() => {
    const part = document.getElementById(section), heading = part?.querySelector("button.label-wrap");
    if (document.querySelector("#gan-linked input")?.value !== "2") return; // what it says of the sample is read first
    if (!heading?.checkVisibility()) return;
    if (!heading.classList.contains("open")) return heading.click();
    const radios = [...part.querySelectorAll('input[type="radio"]')]; // laid out when the section opens
    if (choice && !radios.length) return;
    watch.disconnect();
    const wanted = radios.find((radio) => radio.value === choice);
    if (wanted && !wanted.checked) wanted.click();
    part.scrollIntoView();
  });
  watch.observe(document, { childList: true, subtree: true });
})();
