// A link opens the tab that it names, and the section of Paint or See: ?tab=style&way=paint. A rating session and a
// page of results open Vote. An event of Gradio's whose output were the tabs would read all components each time it runs.
(() => {
  const sections = { style: "#ways", see: "#see-ways" };
  const query = new URLSearchParams(location.search), alone = query.has("study") || query.has("results");
  const tab = alone ? "just-look" : query.get("tab"), way = Object.hasOwn(sections, tab ?? "") ? query.get("way") : null;
  const wanted = [tab, way].filter((name) => /^[a-z-]{1,20}$/.test(name ?? ""));

  const watch = new MutationObserver(() => {
    while (wanted.length) {
      if (!document.querySelector(wanted[0] === way ? `${sections[tab]} [role=tab]` : "[role=tab]")) return; // not laid out yet
      const button = document.querySelector(`[role=tab][data-tab-id="${wanted.shift()}"]`);
      if (button?.getAttribute("aria-selected") === "false") button.click();
    }
    watch.disconnect();
  });
  if (wanted.length) watch.observe(document, { childList: true, subtree: true });
})();
