// Run a session of your own: the form that writes a study file, and the link and QR code for others.
(() => {
  const look = window.justLook;
  const here = () => location.origin + location.pathname;

  const save = (name, type, text) => look.save(name, new Blob([text], { type }));

  const invite = async (place, study) => {
    place.innerHTML = (await look.call("rating_invitation", study, here())).html;
  };

  const addSource = (form) => form.querySelector("[data-part=sources]").append(
    form.querySelector("template[data-part=source]").content.cloneNode(true),
  );

  const write = async (form) => {
    const value = (name) => form.elements[name].value;
    const sources = [...form.querySelectorAll("[name=source]")].map((select) => select.value).filter(Boolean);
    const file = await look.call("rating_compose", value("title"), value("question"), sources,
      value("ballots") ? Number(value("ballots")) : null, value("consent"), value("reveal"));
    const written = form.querySelector("[data-part=written]");
    written.replaceChildren(form.parentElement.querySelector("template[data-part=file]").content.cloneNode(true));
    written.querySelector("pre").textContent = file.text;
    written.querySelector("[data-start]").hidden = form.dataset.place !== "owner" && !look.owner.get();
    Object.assign(written.dataset, { name: file.name, study: file.study });
    written.querySelector("pre").focus();
  };

  const start = async (form) => {
    const written = form.querySelector("[data-part=written]");
    const bytes = new TextEncoder().encode(written.querySelector("pre").textContent);
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const { message } = await look.call("rating_upload", written.dataset.name, text, "", "", look.owner.get());
    await invite(written, written.dataset.study);
    return message;
  };

  // A handler that reports what it did, or what went wrong, in the status line of its section.
  const reporting = async (element, work) => {
    const said = element.closest("form, .invitation, details").querySelector("[data-part=said]");
    try {
      said.textContent = (await work()) ?? "";
    } catch (error) {
      said.textContent = error.message;
    }
  };

  addEventListener("click", ({ target }) => {
    const button = target.closest?.(".rating button");
    if (!button) return;
    const form = button.closest("form.compose");
    const written = form?.querySelector("[data-part=written]");
    const { copy: link, saveCode, save: file, more, start: started } = button.dataset;
    if (link !== undefined) {
      const shown = link ? button.closest(".invitation").querySelector("input") : written.querySelector("pre");
      reporting(button, () => look.copy(link || shown.textContent, shown));
    }
    if (saveCode) save(`${saveCode}-qr.svg`, "image/svg+xml", button.closest(".invitation").querySelector("svg").outerHTML);
    if (file !== undefined) save(written.dataset.name, "application/toml", written.querySelector("pre").textContent);
    if (more !== undefined) {
      addSource(form);
      form.querySelector("[data-part=sources] label:last-child select").focus();
    }
    if (started !== undefined) reporting(button, () => start(form));
  });

  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("form.compose")) return;
    event.preventDefault();
    reporting(form, () => write(form));
  });

  addEventListener("toggle", ({ target }) => { // toggle does not bubble, so it is caught on the way down
    if (target.matches?.("details[data-part=compose]")) { // laid out when it is opened: a page has one form at most
      const form = target.querySelector(":scope > template:not([data-part])");
      form?.replaceWith(form.content.cloneNode(true));
    }
    if (!target.matches?.("details[data-part=invite]") || !target.open) return;
    const panel = target.closest(".rating");
    const study = panel.querySelector("[data-part=picker]").value || panel.dataset.study;
    invite(target.querySelector("[data-part=invitation-to]"), study).catch((error) => {
      target.querySelector("[data-part=invitation-to]").textContent = error.message;
    });
  }, true);

  new MutationObserver(() => { // a form comes with the page, or with the owner's page later: with two sources to choose
    for (const form of document.querySelectorAll("form.compose:not([data-begun])")) {
      form.dataset.begun = "yes";
      addSource(form);
      addSource(form);
    }
  }).observe(document, { childList: true, subtree: true });
})();
