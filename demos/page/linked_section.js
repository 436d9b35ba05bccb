// A link that names a section of the GAN tab opens it: ?tab=gan&section=timeline&choose=collapse
(() => {
  const query = new URLSearchParams(location.search), section = query.get("section"), choice = query.get("choose");
  if (query.get("tab") !== "gan" || !/^[a-z-]{1,30}$/.test(section ?? "")) return;

  const open = () => {
    const part = document.getElementById(section), heading = part?.querySelector("button.label-wrap");
    if (document.querySelector("#gan-linked input")?.value !== "2") return; // what it says of the sample is read first
    if (!heading?.checkVisibility()) return;
    if (!heading.classList.contains("open")) return heading.click();
    if (choice && !part.querySelector('input[type="radio"]')) return; // laid out when the section opens
    watch.disconnect();
    clearInterval(clock);
    if (choice) choose(part);
    part.scrollIntoView();
  };
  // Gradio may set what it has just laid out to its first value, even after the click: then it takes another.
  const choose = async (part) => {
    for (let clicks = 0; clicks < 10; clicks++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const wanted = [...part.querySelectorAll('input[type="radio"]')].find((radio) => radio.value === choice);
      if (!wanted || (clicks && wanted.checked)) return;
      if (!wanted.checked) wanted.click();
    }
  };
  const watch = new MutationObserver(open), clock = setInterval(open, 250); // a field's value changes without a mutation
  watch.observe(document, { childList: true, subtree: true });
})();
